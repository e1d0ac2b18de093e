-- Create an object.
--
-- KEYS   1 the model's pks (model:collection), 2 its last auto pk (model:max_pk)
-- ARGV   model, then what lib/create.lua takes
-- reply  {{pk}}
--        {'taken', key, pk}                 an object with this pk exists
--        {'unique', key, term, other pk}    another object holds a unique value
-- errors Redis's own, unchanged

--@include create

return atomically(function()
  return {create(KEYS[1], KEYS[2], take())}
end)
