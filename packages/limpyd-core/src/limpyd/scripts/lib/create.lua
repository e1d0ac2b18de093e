-- Making a new object.
--
-- In ARGV: model, the pk ('' for the next auto pk, else '=' and the pk), the number of values to set and for
-- each: kind of value, suffix of its key, its indexes, and a list of arguments for the command that fills it.

--@include argv
--@include atomic
--@include values
--@include index

-- One command sets all hashable fields.
local function join_hashables(fills)
  local joined, hash = {}, nil
  for _, fill in ipairs(fills) do
    if fill.kind ~= 'hashable' then
      joined[#joined + 1] = fill
    elseif not hash then
      hash = {kind = 'hashable', suffix = fill.suffix, arguments = {unpack(fill.arguments)}}
      joined[#joined + 1] = hash
    else
      hash.arguments[#hash.arguments + 1] = fill.arguments[1]
      hash.arguments[#hash.arguments + 1] = fill.arguments[2]
    end
  end
  return joined
end

local function take_fills()
  local fills = {}
  for i = 1, take_number() do
    local kind, suffix, indexes, arguments = take(), take(), take_indexes(), take_list()
    local terms = #indexes > 0 and values[kind].terms_of(arguments) or {}
    fills[i] = {kind = kind, suffix = suffix, indexes = indexes, arguments = arguments, terms = terms}
  end
  return fills
end

-- The pk of the new object: the given one, if it is free, or else the next free number.
local function new_pk(given, collection, max_pk)
  local pk = given:sub(2)
  if given ~= '' then
    if call('SISMEMBER', collection, pk) == 1 then
      refuse('taken', collection, pk)
    end
    return pk
  end
  repeat
    pk = tostring(call('INCR', max_pk))
    undo_with(function() redis.pcall('DECR', max_pk) end)
  until call('SISMEMBER', collection, pk) == 0
  return pk
end

-- Make the object that ARGV describes; `collection` and `max_pk` are keys. Returns model and pk.
local function create(collection, max_pk)
  local model, given, fills = take(), take(), take_fills()
  for _, fill in ipairs(fills) do
    check_unique(fill.indexes, fill.terms, given:sub(2))
  end
  local pk = new_pk(given, collection, max_pk)
  call('SADD', collection, pk)
  undo_with(function() redis.pcall('SREM', collection, pk) end)
  for _, fill in ipairs(join_hashables(fills)) do
    local key = field_key(model, pk, fill.suffix)
    undo_with(function() redis.pcall('DEL', key) end)
    call_in_parts(values[fill.kind].fill, key, fill.arguments)
  end
  for _, fill in ipairs(fills) do
    add_terms(fill.indexes, fill.terms, pk)
  end
  return model, pk
end
