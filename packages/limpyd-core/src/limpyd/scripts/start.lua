-- Create an object and run its first command, in one go.
--
-- KEYS   1 the model's pks (model:collection), 2 its last auto pk (model:max_pk)
-- ARGV   model, what lib/create.lua takes; then a step (lib/step.lua)
-- reply  {{pk, the command's reply}}
--        and what create.lua and write.lua refuse
-- errors Redis's own, unchanged

--@include create
--@include step

return atomically(function()
  local model = take()
  local pk = create(KEYS[1], KEYS[2], model)
  return {pk, run_step(model, pk, take_step())}
end)
