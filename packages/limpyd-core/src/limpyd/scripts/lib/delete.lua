-- Deleting an object by the plan of its model.

--@include plan
--@include terms

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
