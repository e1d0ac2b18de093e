-- Lists under an index: a value leaves the index when its last occurrence leaves the list.
--
-- What a command will take out and put in is known before it runs, so that nothing has to be undone.
-- Whether a value is left in a short list is looked up (LPOS). Once a list has more than `LONG` values that
-- would take time in proportion, so then the values that occur more than once are counted in a hash beside
-- the list, `model:pk:field:__repeats`: '=value' -> occurrences but one, '#' -> '1' while it is kept.

--@include values
--@include index

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
  if step.step == 0 then
    return {}, {}
  elseif step.at == 'LEFT' then
    return call('LRANGE', key, 0, step.step - 1), {}
  end
  return call('LRANGE', key, -step.step, -1), {}
end

function foresee.insert(key, step)
  local pivot, value = step.arguments[2], step.arguments[3]
  return {}, call('LPOS', key, pivot) and {value} or {}
end

function foresee.set(key, step)
  local old = call('LINDEX', key, step.arguments[1])
  return {old or nil}, {old and step.arguments[2] or nil}
end

function foresee.rem(key, step)
  local count, value = tonumber(step.arguments[1]), step.arguments[2]
  local found = call('LPOS', key, value, 'RANK', count < 0 and -1 or 1, 'COUNT', math.abs(count))
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
  last = last < 0 and length + last or last
  if first > last or first >= length then
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

local function count_repeats(key, repeats)
  local counts = {}
  for from = 0, call('LLEN', key) - 1, 1000 do
    for _, value in ipairs(call('LRANGE', key, from, from + 999)) do
      counts[value] = (counts[value] or 0) + 1
    end
  end
  call('HSET', repeats, '#', 1)
  for value, count in pairs(counts) do
    if count > 1 then
      call('HSET', repeats, '=' .. value, count - 1)
    end
  end
end

-- Bring the count of a value's repeats up to date; true if the value is in the list.
local function recount(repeats, indexed, value, difference)
  local extra = tonumber(call('HGET', repeats, '=' .. value) or 0)
  local now = (indexed and extra + 1 or 0) + difference
  if now > 1 then
    call('HSET', repeats, '=' .. value, now - 1)
  elseif extra > 0 then
    call('HDEL', repeats, '=' .. value)
  end
  return now > 0
end

-- Run the step's command on a list; `execute` runs it. Replies with its reply.
local function run_on_list(model, pk, key, step, execute)
  local indexes = step.indexes
  local gone, new = foresee[step.how](key, step)
  local by_value = balance(gone, new)
  check_unique(indexes, new, pk)
  local indexed = {}
  for value in pairs(by_value) do
    indexed[value] = indexes[1].kind.has(indexes[1].base, value, pk)
  end
  local repeats = field_key(model, pk, step.suffix .. ':__repeats')
  local counted = call('EXISTS', repeats) == 1
  if counted then
    require_permission(model, {'HSET', 'HDEL', 'DEL'})
  end

  add_terms(indexes, new, pk)
  local reply = execute(key, step)
  for value, difference in pairs(by_value) do
    local left
    if counted then
      left = recount(repeats, indexed[value], value, difference)
    else
      left = difference > 0 or call('LPOS', key, value)
    end
    if not left then
      remove_terms(indexes, {value}, pk)
    end
  end

  if counted and call('EXISTS', key) == 0 then
    call('DEL', repeats)
  elseif not counted and call('LLEN', key) > LONG then
    count_repeats(key, repeats)
  end
  return reply
end
