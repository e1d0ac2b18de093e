-- Run a command on an indexed field of an object, and let its indexes follow.
--
-- KEYS   1 the field's value (model:pk:field or model:pk:hash), 2 the model's pks (model:collection)
-- ARGV   model, pk, then a step (lib/step.lua)
-- reply  {the command's reply}
--        {'missing', pk}                    the object does not exist
--        {'unique', key, term, other pk}    another object holds the value
-- errors Redis's own, unchanged

--@include argv
--@include atomic
--@include step

return atomically(function()
  local model, pk = take(), take()
  if call('SISMEMBER', KEYS[2], pk) == 0 then
    refuse('missing', pk)
  end
  return run_step(model, pk, take_step())
end)
