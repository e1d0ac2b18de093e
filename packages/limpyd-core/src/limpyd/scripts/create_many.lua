-- Create objects with values for the same fields, each in one go and for itself.
--
-- KEYS   1 the model's pks (model:collection), 2 its last auto pk (model:max_pk)
-- ARGV   model, the number of values that an object has, and for each: kind of value, the field's name, its
--        indexes, and the number of arguments that fill it; the number of objects, and for each: its pk ('' for
--        the next auto pk, else '=' and the pk), and what fills its values
-- reply  {{answer...}}: for each object {pk}, or what create.lua refuses, or Redis's own error
-- errors Redis's own, unchanged

--@include create

return atomically(function()
  local model, answers = take(), {}
  local parts, fills = take_parts(model, function(part) part.count = take_number() end)
  local collection, max_pk = KEYS[1], KEYS[2]
  local given
  local function create_next()
    return create(collection, max_pk, model, given, parts, fills)
  end
  for i = 1, take_number() do
    given = take()
    for j = 1, #fills do
      fills[j].arguments = {}
    end
    for j = 1, #parts do
      take_filling(parts[j], parts[j].count)
    end
    answers[i] = atomically(create_next)
  end
  return answers
end)
