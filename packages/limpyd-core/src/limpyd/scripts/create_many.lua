-- Create objects, each in one go and for itself.
--
-- KEYS   1 the model's pks (model:collection), 2 its last auto pk (model:max_pk)
-- ARGV   model, the number of objects, and for each what lib/create.lua takes
-- reply  {{answer...}}: for each object {pk}, or what create.lua refuses, or Redis's own error
-- errors Redis's own, unchanged

--@include create

return atomically(function()
  local model = take()
  local answers = {}
  local function create_next()
    return create(KEYS[1], KEYS[2], model)
  end
  for i = 1, take_number() do
    answers[i] = atomically(create_next)
  end
  return answers
end)
