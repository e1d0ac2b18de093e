-- Create objects with values for the same fields, each in one go and for itself.
--
-- KEYS   1 the model's pks (model:collection), 2 its last auto pk (model:max_pk)
-- ARGV   model, the number of values that an object has, and for each: kind of value, suffix of its key, its
--        indexes, and the number of arguments for the command that fills it; the number of objects, and for
--        each: its pk ('' for the next auto pk, else '=' and the pk), the arguments of all its values
-- reply  {{answer...}}: for each object {pk}, or what create.lua refuses, or Redis's own error

--@include create

return atomically(function()
  local model, answers = take(), {}
  local parts, fills = take_parts(function(part) part.count = take_number() end)
  for i = 1, take_number() do
    answers[i] = atomically(function()
      local given = take()
      for j = 1, #fills do
        fills[j].arguments = {}
      end
      for j = 1, #parts do
        local arguments = {}
        for k = 1, parts[j].count do
          arguments[k] = take()
        end
        fill_part(parts[j], arguments)
      end
      return create(KEYS[1], KEYS[2], model, given, parts, fills)
    end)
  end
  return answers
end)
