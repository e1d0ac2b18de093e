-- Find the one object that has some values, or create it.
--
-- KEYS   1 the model's pks (model:collection), 2 its last auto pk (model:max_pk), from 3 on the sets of pks
--        that the object is in
-- ARGV   '' or '=' and a pk that it has to have; model, then what lib/create.lua takes
-- reply  {{pk, 1 if it was created, else 0}}
--        {'multiple', count}                more than one object is in all the sets
--        and what create.lua refuses
-- errors Redis's own, unchanged

--@include create

-- The pks in all the sets.
local function find(pk)
  if pk == '' then
    return call('SINTER', unpack(KEYS, 3))
  end
  for i = 3, #KEYS do
    if call('SISMEMBER', KEYS[i], pk:sub(2)) == 0 then
      return {}
    end
  end
  return {pk:sub(2)}
end

return atomically(function()
  local found = find(take())
  if #found > 1 then
    refuse('multiple', #found)
  elseif #found == 1 then
    return {found[1], 0}
  end
  return {create(KEYS[1], KEYS[2], take()), 1}
end)
