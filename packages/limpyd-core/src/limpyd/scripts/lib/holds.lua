-- Whether an object has a term: the other way round than lib/fields.lua, which asks for the terms of an object.

--@include atomic

-- By kind of value: function (key, term, name of the field).
local holds = {
  string = function(key, term) return call('GET', key) == term end,
  hashable = function(key, term, name) return call('HGET', key, name) == term end,
  set = function(key, term) return call('SISMEMBER', key, term) == 1 end,
  zset = function(key, term) return call('ZSCORE', key, term) ~= false end,
  list = function(key, term) return call('LPOS', key, term) ~= false end,
}

-- `a:b:c` may be `b:c` in the entry `a`, or `c` in `a:b`.
function holds.hash(key, term)
  local colon = term:find(':', 1, true)
  while colon do
    if call('HGET', key, term:sub(1, colon - 1)) == term:sub(colon + 1) then
      return true
    end
    colon = term:find(':', colon + 1, true)
  end
  return false
end
