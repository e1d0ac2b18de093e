-- Making a new object.
--
-- A part is what one field of it gets: its `indexes` with the `terms` that they will have, and `fill`, the
-- setting of a key that it takes part in: the `command`, the `suffix` of the key, and the `arguments`. All
-- hashable fields share one fill, so that one command sets them.

--@include argv
--@include atomic
--@include index
--@include parts

local fill_commands = {string = 'SET', hashable = 'HSET', set = 'SADD', list = 'RPUSH', zset = 'ZADD', hash = 'HSET'}

-- The parts of an object, read from ARGV: their number, then for each the kind of value, the field's name, its
-- indexes, and what `take_rest` takes for it. Returns the parts, and their fills.
local function take_parts(model, take_rest)
  local parts, fills, hash = {}, {}, nil
  for i = 1, take_number() do
    local kind, name = take(), take()
    local indexes = take_indexes(model, name)
    local fill = kind == 'hashable' and hash
    if not fill then
      fill = {command = fill_commands[kind], suffix = suffix_of(kind, name), arguments = {}}
      fills[#fills + 1] = fill
      hash = kind == 'hashable' and fill or hash
    end
    local part = {kind = kind, name = name, fill = fill, indexes = indexes, indexed = #indexes > 0}
    for j = 1, #indexes do
      part.unique = part.unique or indexes[j].unique
    end
    parts[i] = part
    take_rest(part)
  end
  return parts, fills
end

-- Let a part have one value.
local function fill_value(part, value)
  local arguments = part.fill.arguments
  if part.kind == 'hashable' then
    arguments[#arguments + 1] = part.name
  end
  arguments[#arguments + 1] = value
  part.terms = {value}
end

-- The terms of the arguments that fill a value of many members.
local function terms_of(kind, arguments)
  local terms = {}
  if kind == 'zset' then
    for i = 2, #arguments, 2 do
      terms[#terms + 1] = arguments[i]
    end
  elseif kind == 'hash' then
    for i = 1, #arguments, 2 do
      terms[#terms + 1] = arguments[i] .. ':' .. arguments[i + 1]
    end
  else
    return arguments
  end
  return terms
end

-- Let a part take from ARGV what fills it: one value, or `count` arguments.
local function take_filling(part, count)
  if part.kind == 'hashable' or part.kind == 'string' then
    return fill_value(part, take())
  end
  local arguments = {}
  for i = 1, count or take_number() do
    arguments[i] = take()
  end
  part.fill.arguments = arguments
  part.terms = part.indexed and terms_of(part.kind, arguments)
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

-- Make the object that ARGV describes: model, given pk, and its parts, each with what fills it: a value, or a
-- number of arguments and these. Returns model and pk.
local function create_one(collection, max_pk)
  local model, given = take(), take()
  local parts, fills = take_parts(model, take_filling)
  return model, create(collection, max_pk, model, given, parts, fills)
end
