-- Making a new object.
--
-- A part is what one field of it gets: its `indexes` with the `terms` that they will have, and `fill`, the
-- setting of a key that it takes part in: kind of value, `suffix` of the key, and the `arguments`. All
-- hashable fields share one fill, so that one command sets them.

--@include argv
--@include atomic
--@include values
--@include index

-- The parts of an object, read from ARGV: their number, then for each the kind of value, the suffix of its
-- key, its indexes, and what `take_rest` takes for it. Returns the parts, and their fills.
local function take_parts(take_rest)
  local parts, fills, hash = {}, {}, nil
  for i = 1, take_number() do
    local kind, suffix, indexes = take(), take(), take_indexes()
    local fill = kind == 'hashable' and hash
    if not fill then
      fill = {command = values[kind].fill, suffix = suffix, arguments = {}}
      fills[#fills + 1] = fill
      hash = kind == 'hashable' and fill or hash
    end
    local unique = false
    for j = 1, #indexes do
      unique = unique or indexes[j].unique
    end
    parts[i] = {kind = kind, fill = fill, indexes = indexes, indexed = #indexes > 0, unique = unique}
    take_rest(parts[i])
  end
  return parts, fills
end

-- Let a part have these arguments.
local function fill_part(part, arguments)
  local all = part.fill.arguments
  local length = #all
  for i = 1, #arguments do
    all[length + i] = arguments[i]
  end
  if part.indexed then
    part.terms = values[part.kind].terms_of(arguments)
  end
end

local function count_back(max_pk)
  redis.pcall('DECR', max_pk)
end

local function empty(key)
  redis.pcall('DEL', key)
end

-- The pk of the new object: the given one, if it is free, or else the next free number.
local function new_pk(given, collection, max_pk)
  local pk = given:sub(2)
  if given ~= '' then
    if call('SADD', collection, pk) == 0 then
      refuse('taken', collection, pk)
    end
    return pk
  end
  repeat
    pk = tostring(call('INCR', max_pk))
    undo_with(count_back, max_pk)
  until call('SADD', collection, pk) == 1
  return pk
end

-- Make an object. `given` is its pk behind a '=', or '' for the next auto pk; `collection` and `max_pk` are
-- keys. Returns its pk.
local function create(collection, max_pk, model, given, parts, fills)
  for i = 1, #parts do
    local part = parts[i]
    if part.unique then
      check_unique(part.indexes, part.terms, given:sub(2))
    end
  end
  local pk = new_pk(given, collection, max_pk)
  undo_with(take_out, collection, pk)
  for i = 1, #fills do
    local fill = fills[i]
    local key = field_key(model, pk, fill.suffix)
    undo_with(empty, key)
    call_in_parts(fill.command, key, fill.arguments)
  end
  for i = 1, #parts do
    local part = parts[i]
    if part.indexed then
      add_terms(part.indexes, part.terms, pk)
    end
  end
  return pk
end

-- Make the object that ARGV describes: model, given pk, and its parts, each with a list of arguments.
-- Returns model and pk.
local function create_one(collection, max_pk)
  local model, given = take(), take()
  local parts, fills = take_parts(function(part) fill_part(part, take_list()) end)
  return model, create(collection, max_pk, model, given, parts, fills)
end
