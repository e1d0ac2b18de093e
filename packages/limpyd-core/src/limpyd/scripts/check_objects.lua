-- Compare the values of objects with the indexes: which index entries are missing?
--
-- KEYS   1 the model's pks (model:collection)
-- ARGV   '1' to add what is missing, model, a plan (lib/plan.lua), pks (a list: number and pks)
-- reply  {{for each that is missing: name of the field, term, pk}}
-- errors Redis's own, unchanged. A value or an index of a wrong type is passed over: check_keys.lua reports it.

--@include argv
--@include atomic
--@include plan
--@include terms

local function check_field(model, pk, field, found, mend)
  for _, term in ipairs(terms_of_field(field_key(model, pk, field.suffix), field)) do
    for _, index in ipairs(field.indexes) do
      if not index.kind.has(index.base, term, pk) then
        local length = #found
        found[length + 1], found[length + 2], found[length + 3] = field.name, term, pk
        if mend then
          add_term(index, term, pk)
        end
      end
    end
  end
end

local function is_wrong_type(problem)
  return type(problem) == 'table' and (problem.failure or ''):find('^WRONGTYPE')
end

return atomically(function()
  local mend, model = take() == '1', take()
  local plan, found = take_plan(model), {}
  for _, pk in ipairs(take_list()) do
    local exists = call('SISMEMBER', KEYS[1], pk) == 1
    for _, field in ipairs(exists and plan or {}) do
      if #field.indexes > 0 then
        local done, problem = pcall(check_field, model, pk, field, found, mend)
        if not done and not is_wrong_type(problem) then
          error(problem, 0)
        end
      end
    end
  end
  return found
end)
