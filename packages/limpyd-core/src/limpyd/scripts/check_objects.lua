-- Compare the values of objects with the indexes: which index entries are missing?
--
-- KEYS   1 the model's pks (model:collection)
-- ARGV   '1' to add what is missing, model, fields (lib/fields.lua; behind the number of their arguments), pks (a list: number and pks)
-- reply  {{for each that is missing: name of the field, term, pk}}
-- errors Redis's own, unchanged. A value or an index of a wrong type is passed over: check_keys.lua reports it.

--@include argv
--@include atomic
--@include fields

local function is_wrong_type(problem)
  return type(problem) == 'table' and (problem.failure or ''):find('^WRONGTYPE')
end

return atomically(function()
  local mend, model = take() == '1', take()
  local missing, fields = {}, {}
  local function check(kind, base, term, pk, name)
    if not index_has(kind, base, term, pk) then
      local length = #missing
      missing[length + 1], missing[length + 2], missing[length + 3] = name, term, pk
      if mend then
        add_term(kind, base, term, pk)
      end
    end
  end
  local at, upto = take_range()
  while at < upto do
    fields[#fields + 1], at = field_at(at)
  end
  for _, pk in ipairs(take_list()) do
    local exists = call('SISMEMBER', KEYS[1], pk) == 1
    for _, field in ipairs(exists and fields or {}) do
      local done, problem = pcall(for_each_term, model, pk, field.from, field.upto, check)
      if not done and not is_wrong_type(problem) then
        error(problem, 0)
      end
    end
  end
  return missing
end)
