-- Delete an object: its values, what the indexes have of them, and its pk.
--
-- KEYS   1 the model's pks (model:collection)
-- ARGV   model, pk, a plan (lib/delete.lua)
-- reply  {1}
--        {'missing', pk}    the object does not exist
-- errors Redis's own, unchanged

--@include argv
--@include atomic
--@include permission
--@include delete

return atomically(function()
  local model, pk = take(), take()
  if call('SISMEMBER', KEYS[1], pk) == 0 then
    refuse('missing', pk)
  end
  require_permission(model, {'SADD', 'DEL'})
  local plan = take_plan()
  unindex(model, pk, plan)
  remove(KEYS[1], model, pk, plan)
  return 1
end)
