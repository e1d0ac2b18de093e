-- Making a new object.
--
-- In ARGV stands first what holds for all objects of a layout: model, how many arguments of the layout follow, the
-- number of fields that get values, and for each: kind of value, name, indexes (their number, and the kind of each).
-- Then, for an object: its pk ('' for the next auto pk, else '=' and the pk), and what fills the fields: a value, or,
-- of a field with members, a number of arguments and these.
--
-- The layout is not taken from ARGV but looked up there for each object: that makes no tables.

--@include argv
--@include atomic
--@include index
--@include parts

local fill_commands = {string = 'SET', set = 'SADD', list = 'RPUSH', zset = 'ZADD', hash = 'HSET'}

-- Take a layout. Returns its model, and where in ARGV its fields begin.
local function take_layout()
  local model, length = take(), take_number()
  local fields_at = position + 1
  position = position + length
  return model, fields_at
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

-- What an object gets: `hash`, the arguments of its hashable fields; `fills`, {command, name, arguments} of each
-- other field; `entries`, {kind, base, term} of each index entry. All three are flat lists.
local hash, fills, entries

-- Take from ARGV what fills a field. Returns the one term of its index, or nil and all of them.
local function take_filling(kind, name)
  if kind == 'hashable' then
    local value, length = take(), #hash
    hash[length + 1], hash[length + 2] = name, value
    return value
  end
  local value = kind == 'string' and take()
  local arguments = value and {value} or take_list()
  if #arguments > 0 then
    local length = #fills
    fills[length + 1], fills[length + 2], fills[length + 3] = fill_commands[kind], name, arguments
  end
  return value or nil, not value and terms_of(kind, arguments)
end

-- Note the entries of a field's indexes, which stand in ARGV from `from` to `upto`, for a term.
local function note_entries(from, upto, base, term)
  for i = from, upto do
    local length = #entries
    entries[length + 1], entries[length + 2], entries[length + 3] = index_kinds[ARGV[i]], base, term
  end
end

-- Take from ARGV what an object gets.
local function take_object(model, fields_at)
  hash, fills, entries = {}, {}, {}
  local at = fields_at + 1
  for _ = 1, tonumber(ARGV[fields_at]) do
    local name, last = ARGV[at + 1], at + 2 + tonumber(ARGV[at + 2])
    local term, terms = take_filling(ARGV[at], name)
    if last > at + 2 then
      local base = model .. ':' .. name
      for i = 1, term and 1 or #terms do
        note_entries(at + 3, last, base, term or terms[i])
      end
    end
    at = last + 1
  end
end

-- Call `act(key, command, arguments)` for each key that the object `pk` gets.
local function for_each_fill(model, pk, act)
  if #hash > 0 then
    act(field_key(model, pk, 'hash'), 'HSET', hash)
  end
  for i = 1, #fills, 3 do
    act(field_key(model, pk, fills[i + 1]), fills[i], fills[i + 2])
  end
end

local function set_value(key, command, arguments)
  call_in_parts(command, key, arguments)
end

local function delete_value(key)
  redis.pcall('DEL', key)
end

-- An object that is named by the caller may have values already: what was written to its plain fields while it
-- did not exist. They stay, and are there again if the creation fails.
local function keep_value(key)
  if call('EXISTS', key) == 1 then
    undo_with(redis.pcall, 'RESTORE', key, math.max(call('PTTL', key), 0), call('DUMP', key))
  end
end

-- Take back what was done for the object `pk` (nil as long as it has none), and the numbers that were counted.
local function take_back(collection, max_pk, model, pk, counted)
  if pk then
    for_each_fill(model, pk, delete_value)
    for i = 1, #entries, 3 do
      pcall(entries[i].remove, entries[i + 1], entries[i + 2], pk)
    end
    redis.pcall('SREM', collection, pk)
  end
  if counted > 0 then
    redis.pcall('DECRBY', max_pk, counted)
  end
end

-- Make the object that comes next in ARGV; `collection` and `max_pk` are keys. Returns its pk.
local function create(collection, max_pk, model, fields_at)
  local given, pk, counted = take(), nil, 0
  take_object(model, fields_at)
  for i = 1, #entries, 3 do
    if entries[i].check then
      entries[i].check(entries[i + 1], entries[i + 2], given:sub(2))
    end
  end
  if given ~= '' then
    pk = given:sub(2)
    if call('SISMEMBER', collection, pk) == 1 then
      refuse('taken', collection, pk)
    end
    for_each_fill(model, pk, keep_value)
  end
  undo_with(function() take_back(collection, max_pk, model, pk, counted) end)
  if pk then
    call('SADD', collection, pk)
  end
  while not pk do
    local number = call('INCR', max_pk)
    counted = counted + 1
    pk = call('SADD', collection, number) == 1 and tostring(number) or nil
  end
  for_each_fill(model, pk, set_value)
  for i = 1, #entries, 3 do
    entries[i].add(entries[i + 1], entries[i + 2], pk)
  end
  return pk
end

-- Make the one object that ARGV describes. Returns model and pk.
local function create_one(collection, max_pk)
  local model, fields_at = take_layout()
  return model, create(collection, max_pk, model, fields_at)
end
