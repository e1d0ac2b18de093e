-- Lists under an index: a value leaves the index when its last occurrence leaves the list.
--
-- What a command will take out and put in is known before it runs. All that can fail is done before, too, so
-- that the list never has to be put back.
--
-- Whether a value is left in a short list is looked up (LPOS). Once a list has more than `LONG` values that
-- would take time in proportion, so then the values that occur more than once are counted in a hash beside
-- the list, `model:pk:field:__repeats`: '=value' -> occurrences but one, '#' -> '1' while it is kept.
--
-- Returns a function (model, pk, key, step), which runs the step's command and replies with its reply.


local LONG = 1000

-- Each returns two tables: the values that the command takes out, and the ones that it puts in.
local foresee = {}

function foresee.push(key, step)
  if step.command:sub(-1) == 'X' and call('EXISTS', key) == 0 then
    return {}, {}
  end
  return {}, step.arguments
end

-- at: the side, step: how many
function foresee.pop(key, step)
  local count = math.min(step.step, call('LLEN', key))
  if count <= 0 then
    return {}, {}
  elseif step.at == 'LEFT' then
    return call('LRANGE', key, 0, count - 1), {}
  end
  return call('LRANGE', key, -count, -1), {}
end

function foresee.insert(key, step)
  local pivot, value = step.arguments[2], step.arguments[3]
  return {}, call('LPOS', key, pivot) and {value} or {}
end

function foresee.set(key, step)
  local old = call('LINDEX', key, step.arguments[1])
  if not old and call('EXISTS', key) == 1 then
    fail('ERR index out of range')  -- LSET says so, too, but Valkey's looks at 32 bits of the index alone
  end
  return {old or nil}, {old and step.arguments[2] or nil}
end

function foresee.rem(key, step)
  local count, value = tonumber(step.arguments[1]), step.arguments[2]
  local limit = math.min(math.abs(count), call('LLEN', key))
  local found = call('LPOS', key, value, 'RANK', count < 0 and -1 or 1, 'COUNT', limit)
  local gone = {}
  for i = 1, #found do
    gone[i] = value
  end
  return gone, {}
end

function foresee.trim(key, step)
  local length = call('LLEN', key)
  local first, last = tonumber(step.arguments[1]), tonumber(step.arguments[2])
  first = math.max(first < 0 and length + first or first, 0)
  last = math.min(last < 0 and length + last or last, length - 1)
  if first > last then
    return call('LRANGE', key, 0, -1), {}
  end
  local gone = first > 0 and call('LRANGE', key, 0, first - 1) or {}
  for _, value in ipairs(call('LRANGE', key, last + 1, -1)) do
    gone[#gone + 1] = value
  end
  return gone, {}
end

function foresee.all(key)
  return call('LRANGE', key, 0, -1), {}
end

-- How much more often each value occurs afterwards: value -> number, negative for less.
local function balance(gone, new)
  local by_value = {}
  for _, value in ipairs(gone) do
    by_value[value] = (by_value[value] or 0) - 1
  end
  for _, value in ipairs(new) do
    by_value[value] = (by_value[value] or 0) + 1
  end
  return by_value
end

-- Count the values that a list has more than once.
local function count_repeats(key, repeats)
  call('HSET', repeats, '#', 1)
  for value, count in pairs(repeats_of(key)) do
    call('HSET', repeats, '=' .. value, count)
  end
end

-- How often the list has each of the values. Without a recorded repeat, an indexed one is there once.
local function count_occurrences(repeats, indexed)
  local fields, counts = {}, {}
  for value in pairs(indexed) do
    fields[#fields + 1] = '=' .. value
  end
  for field, extra in pairs(read_state('HMGET', nil, repeats, fields)) do
    local value = field:sub(2)
    counts[value] = extra and tonumber(extra) + 1 or indexed[value] and 1 or 0
  end
  return counts
end

-- Bring the record of a value's repeats up to date.
local function record(repeats, value, before, after)
  if after > 1 then
    call('HSET', repeats, '=' .. value, after - 1)
  elseif before > 1 then
    call('HDEL', repeats, '=' .. value)
  end
end

return function(model, pk, key, step)
  local indexes = step.indexes
  local gone, new = foresee[step.how](key, step)
  local by_value = balance(gone, new)
  for_all(index_check, indexes, new, pk)
  local indexed = {}
  for _, index in ipairs(indexes) do
    for value in pairs(by_value) do
      indexed[value] = index_has(index.kind, index.base, value, pk)
    end
  end

  local repeats = field_key(model, pk, step.suffix .. ':__repeats')
  local length = call('LLEN', key)
  local counted = call('EXISTS', repeats) == 1
  require_permission(model, {'LPOS', 'LRANGE'})
  local counts
  if counted or math.max(length, length + #new - #gone) > LONG then
    require_permission(model, {'HSET', 'HDEL', 'DEL'})
    call('HGET', repeats, '#')
  end
  if not counted and length > LONG and step.how ~= 'all' then
    undo_with(redis.pcall, 'DEL', repeats)
    count_repeats(key, repeats)
    counted = true
  end
  if counted and step.how ~= 'all' then
    counts = count_occurrences(repeats, indexed)
  end

  for_all(add_term, indexes, new, pk)
  local reply = execute(key, step)
  for value, difference in pairs(by_value) do
    local left = difference > 0
    if step.how == 'all' then
      left = false
    elseif counts then
      record(repeats, value, counts[value], counts[value] + difference)
      left = counts[value] + difference > 0
    elseif not left then
      left = call('LPOS', key, value)
    end
    if not left then
      for_all(remove_term, indexes, {value}, pk)
    end
  end

  length = call('LLEN', key)
  if counted and length == 0 then
    call('DEL', repeats)
  elseif not counted and length > LONG then
    count_repeats(key, repeats)
  end
  return reply
end
