-- Deleting an object by its plan: the fields that it may have, each with its kind of value and its indexes.

--@include argv
--@include atomic
--@include values
--@include terms

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

-- Take the object `pk` out of the indexes, by a plan that take_plan took. All that can fail is in here, and is
-- undone then.
local function unindex(model, pk, plan)
  for _, field in ipairs(plan) do
    if #field.indexes > 0 then
      remove_terms(field.indexes, terms_of_field(field_key(model, pk, field.suffix), field), pk)
    end
  end
end

-- Remove the values and the pk of an object that is in no index any more.
local function remove(collection, model, pk, plan)
  local suffixes, keys = {}, {}
  for _, field in ipairs(plan) do
    local key = field_key(model, pk, field.suffix)
    if not suffixes[field.suffix] then
      suffixes[field.suffix] = true
      keys[#keys + 1] = key
      if field.kind == 'list' then
        keys[#keys + 1] = key .. ':__repeats'
      end
    end
  end
  call('SREM', collection, pk)
  for from = 1, #keys, 4000 do
    call('DEL', unpack(keys, from, math.min(from + 3999, #keys)))
  end
end
