-- The kinds of value: how to read the members that a command touches, what the indexes say of them,
-- and how to put them back. (What a command changes in a list is found out in lists.lua.)
--
-- The state of a value is a table, member -> what it has, or false where it is absent. The members of a
-- set and of a sorted set are themselves, of a hash its entries; a string has one, named ''. A kind is:
--   suspects  the commands that `put` may need
--   state     function (key, members): the state of these members
--   all       function (key): all members
--   term      function (member, what it has): the term under which it is indexed
--   has_term  function (key, term), where several members can have one term: whether one has it
--   put       function (key, member, what it has): the command that brings this state back
--   fill      command that sets a new value; terms_of(arguments) are the terms of what it sets

--@include atomic

-- Read members in parts: `read` is a command that answers with a list as long as its arguments.
local function state_by(read, absent)
  return function(key, members)
    local state = {}
    for from = 1, #members, 4000 do
      local upto = math.min(from + 3999, #members)
      for i, has in ipairs(call(read, key, unpack(members, from, upto))) do
        state[members[from + i - 1]] = has ~= absent and has
      end
    end
    return state
  end
end

local function all_by(...)
  local read, bounds = ..., {select(2, ...)}
  return function(key)
    return call(read, key, unpack(bounds))
  end
end

local function member_itself(member)
  return member
end

local function value_itself(_, value)
  return value
end

local function entry_and_value(entry, value)
  return entry .. ':' .. value
end

-- Whether an entry of a hash has this term: `a:b:c` may be `b:c` in the entry `a`, or `c` in `a:b`.
local function has_entry_and_value(key, term)
  local colons, colon = {}, 0
  repeat
    colon = term:find(':', colon + 1, true)
    colons[#colons + 1] = colon
  until not colon
  if #colons < 2 then
    return false  -- one entry only can have it, the one that it was taken from
  end
  local entries = {}
  if call('HLEN', key) < #colons then
    entries = call('HKEYS', key)
  else
    for i, at in ipairs(colons) do
      entries[i] = term:sub(1, at - 1)
    end
  end
  for _, entry in ipairs(entries) do
    local value = term:sub(1, #entry + 1) == entry .. ':' and call('HGET', key, entry)
    if value and #entry + 1 + #value == #term and entry .. ':' .. value == term then
      return true
    end
  end
  return false
end

local function put_entry(key, entry, value)
  if value then
    return {'HSET', key, entry, value}
  end
  return {'HDEL', key, entry}
end

-- The terms of arguments that come in groups of `step`, the member being the last of a group.
local function every(step)
  return function(arguments)
    local terms = {}
    for i = step, #arguments, step do
      terms[#terms + 1] = arguments[i]
    end
    return terms
  end
end

local values = {}

values.string = {
  suspects = {'SET', 'DEL'},
  state = function(key) return {[''] = call('GET', key)} end,
  all = function() return {''} end,
  term = value_itself,
  put = function(key, _, value)
    if value then
      return {'SET', key, value}
    end
    return {'DEL', key}
  end,
  fill = 'SET',
  terms_of = every(1),
}

values.hashable = {
  suspects = {'HSET', 'HDEL'},
  state = state_by('HMGET'),
  term = value_itself,
  put = put_entry,
  fill = 'HSET',
  terms_of = every(2),
}

values.hash = {
  suspects = {'HSET', 'HDEL'},
  state = state_by('HMGET'),
  all = all_by('HKEYS'),
  term = entry_and_value,
  has_term = has_entry_and_value,
  put = put_entry,
  fill = 'HSET',
  terms_of = function(arguments)
    local terms = {}
    for i = 1, #arguments, 2 do
      terms[#terms + 1] = entry_and_value(arguments[i], arguments[i + 1])
    end
    return terms
  end,
}

values.set = {
  suspects = {'SADD', 'SREM'},
  state = state_by('SMISMEMBER', 0),
  all = all_by('SMEMBERS'),
  term = member_itself,
  put = function(key, member, present)
    return {present and 'SADD' or 'SREM', key, member}
  end,
  fill = 'SADD',
  terms_of = every(1),
}

values.zset = {
  suspects = {'ZADD', 'ZREM'},
  state = state_by('ZMSCORE'),
  all = all_by('ZRANGE', 0, -1),
  term = member_itself,
  put = function(key, member, score)
    if score then
      return {'ZADD', key, score, member}
    end
    return {'ZREM', key, member}
  end,
  fill = 'ZADD',
  terms_of = every(2),
}

values.list = {
  suspects = {},
  all = all_by('LRANGE', 0, -1),
  term = member_itself,
  fill = 'RPUSH',
  terms_of = every(1),
}
