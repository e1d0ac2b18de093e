-- Run a command on indexed single values of an object (a string, or some of its hashable fields), and let their
-- indexes follow.
--
-- KEYS   1 the value (model:pk:field or model:pk:hash), 2 the model's pks (model:collection)
-- ARGV   model, pk, kind of value, the number of fields that the command touches, and for each its name and its
--        indexes; what to answer (lib/answer.lua), the command, and its arguments after the key
-- reply  {what to answer}
--        {'missing', pk}                    the object does not exist
--        {'unique', key, term, other pk}    another object holds the value
-- errors Redis's own, unchanged

--@include argv
--@include atomic
--@include index
--@include permission
--@include run
--@include answer
--@include single

-- The values that a command sets to its arguments, which end ARGV: a value, or `number` names and values.
local function given_values(number)
  local values = {}
  for i = 1, number do
    values[i] = ARGV[#ARGV - 2 * (number - i)]
  end
  return values
end

return atomically(function()
  local model, pk, kind = take(), take(), take()
  if call('SISMEMBER', KEYS[2], pk) == 0 then
    refuse('missing', pk)
  end
  local names, indexes = {}, {}
  for i = 1, take_number() do
    names[i] = take()
    indexes[i] = take_indexes()
  end
  local how, command = take(), take()
  local given = how == 'given' and given_values(#names)
  local reply, now = run_on_single(model, pk, kind, KEYS[1], names, indexes, function()
    return run(command, KEYS[1], take_rest())
  end, given)
  return answer(how, reply, now)
end)
