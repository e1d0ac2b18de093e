-- The kinds of value: how to read the members that a command touches, what the indexes say of them,
-- and how to put them back. (What a command changes in a list is found out in lists.lua.)
--
-- The state of a value is a table, member -> what it has, or false where it is absent. The members of a
-- set and of a sorted set are themselves, of a hash its entries; a string has one, named ''. `value_kinds()[kind]()`
-- makes a kind, so that a script pays for the one that it needs. A kind is a table:
--   suspects  the commands that `put` may need
--   state     function (key, members): the state of these members
--   all       function (key): all members
--   term      function (member, what it has): the term under which it is indexed
--   has_term  function (key, term), where several members can have one term: whether one has it
--   put       function (key, member, what it has): the command that brings this state back

local function put_entry(key, entry, value)
  if value then
    return {'HSET', key, entry, value}
  end
  return {'HDEL', key, entry}
end

local kinds = {}

function kinds.string()
  return {
    suspects = {'SET', 'DEL'},
    state = function(key) return {[''] = call('GET', key)} end,
    all = function() return {''} end,
    term = function(_, value) return value end,
    put = function(key, _, value)
      if value then
        return {'SET', key, value}
      end
      return {'DEL', key}
    end,
  }
end

function kinds.hashable()
  return {
    suspects = {'HSET', 'HDEL'},
    state = function(key, members) return read_state('HMGET', nil, key, members) end,
    term = function(_, value) return value end,
    put = put_entry,
  }
end

function kinds.hash()
  local function term(entry, value)
    return entry .. ':' .. value
  end

  -- `a:b:c` may be `b:c` in the entry `a`, or `c` in `a:b`.
  local function has_term(key, wanted)
    local colons, colon = {}, 0
    repeat
      colon = wanted:find(':', colon + 1, true)
      colons[#colons + 1] = colon
    until not colon
    if #colons < 2 then
      return false  -- one entry only can have it, the one that it was taken from
    end
    local candidates = {}
    if call('HLEN', key) < #colons then
      candidates = call('HKEYS', key)
    else
      for i, at in ipairs(colons) do
        candidates[i] = wanted:sub(1, at - 1)
      end
    end
    for _, entry in ipairs(candidates) do
      local value = wanted:sub(1, #entry + 1) == entry .. ':' and call('HGET', key, entry)
      if value and #entry + 1 + #value == #wanted and term(entry, value) == wanted then
        return true
      end
    end
    return false
  end

  return {
    suspects = {'HSET', 'HDEL'},
    state = function(key, members) return read_state('HMGET', nil, key, members) end,
    all = function(key) return call('HKEYS', key) end,
    term = term,
    has_term = has_term,
    put = put_entry,
  }
end

function kinds.set()
  return {
    suspects = {'SADD', 'SREM'},
    state = function(key, members) return read_state('SMISMEMBER', 0, key, members) end,
    all = function(key) return call('SMEMBERS', key) end,
    term = function(member) return member end,
    put = function(key, member, present)
      return {present and 'SADD' or 'SREM', key, member}
    end,
  }
end

function kinds.zset()
  return {
    suspects = {'ZADD', 'ZREM'},
    state = function(key, members) return read_state('ZMSCORE', nil, key, members) end,
    all = function(key) return call('ZRANGE', key, 0, -1) end,
    term = function(member) return member end,
    put = function(key, member, score)
      if score then
        return {'ZADD', key, score, member}
      end
      return {'ZREM', key, member}
    end,
  }
end

function kinds.list()
  return {
    suspects = {},
    all = function(key) return call('LRANGE', key, 0, -1) end,
    term = function(member) return member end,
  }
end

return kinds
