-- Commands on single values: a string, or some of an object's hashable fields.
--
-- Returns a function (model, pk, kind, key, names, indexes, execute), which calls `execute` and lets the indexes of
-- the fields `names` follow: their values before and after tell what is new and what is gone. It returns the
-- reply of `execute`, and the first value afterwards.

local function read_values(kind, key, names)
  if kind == 'string' then
    return {call('GET', key)}
  end
  return call('HMGET', key, unpack(names))
end

local function put_back(kind, key, names, values)
  for i = 1, #names do
    if kind == 'string' and values[i] then
      redis.pcall('SET', key, values[i])
    elseif kind == 'string' then
      redis.pcall('DEL', key)
    elseif values[i] then
      redis.pcall('HSET', key, names[i], values[i])
    else
      redis.pcall('HDEL', key, names[i])
    end
  end
end

return function(model, pk, kind, key, names, indexes, execute)
  require_permission(model, kind == 'string' and {'SADD', 'SREM', 'SET', 'DEL'} or {'SADD', 'SREM', 'HSET', 'HDEL'})
  local before = read_values(kind, key, names)
  undo_with(function() put_back(kind, key, names, before) end)
  local reply = execute()
  local after = read_values(kind, key, names)
  for i = 1, #names do
    local value = after[i]
    if value and value ~= before[i] then
      for j = 1, #indexes[i] do
        local index = indexes[i][j]
        if index.unique then
          check_unique_term(index.kind, index.base, value, pk)
        end
        index.kind.add(index.base, value, pk)
      end
    end
  end
  for i = 1, #names do
    local value = before[i]
    if value and value ~= after[i] then
      for j = 1, #indexes[i] do
        local index = indexes[i][j]
        index.kind.remove(index.base, value, pk)
      end
    end
  end
  return reply, after[1]
end
