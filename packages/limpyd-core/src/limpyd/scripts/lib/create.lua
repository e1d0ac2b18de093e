-- Making a new object.
--
-- In ARGV stands, for an object: its pk ('' for the next auto pk, else '=' and the pk), and three lists, each behind
-- the number of its arguments:
--   hash     what HSET gets for its hashable fields
--   values   for each other value: the command that sets it, name of the field, number of arguments, and these
--   entries  for each index entry: kind, base and term
--
-- They are not taken into tables but looked up in ARGV: making tables would be most of the work.

--@include argv
--@include atomic
--@include index
--@include keys

local hash_from, hash_upto, values_from, values_upto, entries_from, entries_upto

-- Call `act(key, command, from, upto)` for each key that the object `pk` gets, where from and upto are the place of
-- the arguments.
local function for_each_value(model, pk, act)
  if hash_from < hash_upto then
    act(field_key(model, pk, 'hash'), 'HSET', hash_from, hash_upto)
  end
  local at = values_from
  while at < values_upto do
    local upto = at + 2 + ARGV[at + 2]
    act(field_key(model, pk, ARGV[at + 1]), ARGV[at], at + 3, upto)
    at = upto + 1
  end
end

-- Lua can't pass more than some 8,000 arguments at once.
local function set_value(key, command, from, upto)
  for first = from, upto, 4000 do
    call(command, key, unpack(ARGV, first, math.min(first + 3999, upto)))
  end
end

--@module undo_creation

-- Make the object that comes next in ARGV; `collection` and `max_pk` are keys. Returns its pk.
local function create(collection, max_pk, model)
  local given, pk, counted = take(), nil, 0
  hash_from, hash_upto = take_range()
  values_from, values_upto = take_range()
  entries_from, entries_upto = take_range()
  for i = entries_from, entries_upto, 3 do
    index_check(ARGV[i], ARGV[i + 1], ARGV[i + 2], given:sub(2))
  end
  if given ~= '' then
    pk = given:sub(2)
    if call('SISMEMBER', collection, pk) == 1 then
      refuse('taken', collection, pk)
    end
    for_each_value(model, pk, undo_creation().keep_value)
  end
  undo_with(function() undo_creation().take_back(collection, max_pk, model, pk, counted) end)
  if pk then
    call('SADD', collection, pk)
  end
  while not pk do
    local number = call('INCR', max_pk)
    counted = counted + 1
    pk = call('SADD', collection, number) == 1 and ('%.0f'):format(number) or nil
  end
  for_each_value(model, pk, set_value)
  for i = entries_from, entries_upto, 3 do
    index_add(ARGV[i], ARGV[i + 1], ARGV[i + 2], pk)
  end
  return pk
end
