-- Commands on single values: a string, or some of an object's hashable fields.

--@include atomic
--@include index
--@include permission

-- The values of the fields `names`, false where there is none.
local function read_values(kind, key, names)
  if kind == 'string' then
    return {call('GET', key)}
  elseif #names == 1 then
    return {call('HGET', key, names[1])}
  end
  return call('HMGET', key, unpack(names))
end

local function put_values_back(kind, key, names, values)
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

-- Call `act`, of index.lua, for each index of each field that has a value in `values`, but not the same in `others`.
local function for_changed(act, indexes, values, others, pk)
  for i = 1, #indexes do
    if values[i] and values[i] ~= others[i] then
      for_all(act, indexes[i], {values[i]}, pk)
    end
  end
end

-- Call `execute`, which runs the user's command on the fields `names`, and let the indexes of each follow from the
-- values before to the values after. Returns the reply of `execute`, and the first value afterwards.
--
-- Where the values `after` are known beforehand, the command comes last, and there is nothing to put back.
local function run_on_single(model, pk, kind, key, names, indexes, execute, after)
  if after then
    require_permission(model, {'SREM'})
    local before = read_values(kind, key, names)
    for_changed(index_check, indexes, after, before, pk)
    for_changed(add_term, indexes, after, before, pk)
    for_changed(remove_term, indexes, before, after, pk)
    return execute(), after[1]
  end
  require_permission(model, kind == 'string' and {'SADD', 'SREM', 'SET', 'DEL'} or {'SADD', 'SREM', 'HSET', 'HDEL'})
  local before = read_values(kind, key, names)
  undo_with(put_values_back, kind, key, names, before)
  local reply = execute()
  after = read_values(kind, key, names)
  for_changed(index_check, indexes, after, before, pk)
  for_changed(add_term, indexes, after, before, pk)
  for_changed(remove_term, indexes, before, after, pk)
  return reply, after[1]
end
