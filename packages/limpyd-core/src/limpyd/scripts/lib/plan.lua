-- The plan of a model: the fields that an object may have, each with its kind of value and its indexes.

--@include argv
--@include atomic
--@include values
--@include index

-- A plan, read from ARGV: the number of fields, and for each its kind of value, its name, and its indexes.
local function take_plan(model)
  local plan = {}
  for i = 1, take_number() do
    local kind, name = take(), take()
    plan[i] = {kind = kind, name = name, suffix = suffix_of(kind, name), indexes = take_indexes(model, name)}
  end
  return plan
end

-- The terms under which the indexes have a field of an object.
local function terms_of_field(key, field)
  if field.kind == 'hashable' then
    return {call('HGET', key, field.name) or nil}
  elseif field.kind == 'string' then
    return {call('GET', key) or nil}
  end
  field.value = field.value or value_kinds[field.kind]()
  local value, terms = field.value, {}
  local members = value.all(key)
  local state = value.state and value.state(key, members)
  for i, member in ipairs(members) do
    local has = not state or state[member]
    terms[i] = has and value.term(member, has) or nil
  end
  return terms
end
