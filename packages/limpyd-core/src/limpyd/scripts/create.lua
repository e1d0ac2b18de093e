-- Create an object, and run its first command if there is one, in one go.
--
-- KEYS   1 the model's pks (model:collection), 2 its last auto pk (model:max_pk)
-- ARGV   what lib/create.lua takes; then '1' and a step (lib/step.lua), or '0'
-- reply  {{pk}} or {{pk, the command's reply}}
--        {'taken', key, pk}                 an object with this pk exists
--        {'unique', key, term, other pk}    another object holds a unique value
-- errors Redis's own, unchanged

--@include create
--@include step

return atomically(function()
  local model, pk = create_one(KEYS[1], KEYS[2])
  if take() == '0' then
    return {pk}
  end
  return {pk, run_step(model, pk, take_step())}
end)
