-- Create objects of one layout, each in one go and for itself.
--
-- KEYS   1 the model's pks (model:collection), 2 its last auto pk (model:max_pk)
-- ARGV   a layout (lib/create.lua), the number of objects, and for each what it gets
-- reply  {{answer...}}: for each object {pk}, or what create.lua refuses, or Redis's own error
-- errors Redis's own, unchanged

--@include create

return atomically(function()
  local model, fields_at = take_layout()
  local answers = {}
  local function create_next()
    return create(KEYS[1], KEYS[2], model, fields_at)
  end
  for i = 1, take_number() do
    answers[i] = atomically(create_next)
  end
  return answers
end)
