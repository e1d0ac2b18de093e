-- Create objects with values for the same fields, each in one go and for itself.
--
-- KEYS   1 the model's pks (model:collection), 2 its last auto pk (model:max_pk)
-- ARGV   model, the number of values that an object has, and for each: kind of value, suffix of its key, its
--        indexes, and the number of arguments for the command that fills it; the number of objects, and for
--        each: its pk ('' for the next auto pk, else '=' and the pk), the arguments of all its values
-- reply  {{answer...}}: for each object {pk}, or what create.lua refuses, or Redis's own error

--@include create

-- Read the arguments of one object from ARGV. Nearly all parts have one value, the last of their arguments:
-- these are read without a table for each.
local function take_row(parts, fills)
  for i = 1, #fills do
    fills[i].arguments = {}
  end
  for i = 1, #parts do
    local part = parts[i]
    if part.single then
      local all = part.fill.arguments
      for j = #all + 1, #all + part.count do
        all[j] = take()
      end
      part.terms = {all[#all]}
    else
      local arguments = {}
      for j = 1, part.count do
        arguments[j] = take()
      end
      fill_part(part, arguments)
    end
  end
end

return atomically(function()
  local model, answers = take(), {}
  local parts, fills = take_parts(function(part)
    part.count = take_number()
    part.single = part.kind == 'hashable' or part.kind == 'string'
  end)
  local collection, max_pk = KEYS[1], KEYS[2]
  local given
  local function create_next()
    return create(collection, max_pk, model, given, parts, fills)
  end
  for i = 1, take_number() do
    given = take()
    take_row(parts, fills)
    answers[i] = atomically(create_next)
  end
  return answers
end)
