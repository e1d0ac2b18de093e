-- Deleting an object.
--
-- In ARGV stands a plan: what the keys of an object may end with, and the fields that have indexes (lib/fields.lua), both
-- behind the number of their arguments.

--@include fields

-- Take a plan; the others work by what this returns.
local function take_plan()
  local plan = position + 1
  take_range()
  take_range()
  return plan
end

-- Take the object `pk` out of the indexes. All that can fail is in here, and is undone then.
local function unindex(model, pk, plan)
  local at = plan + 1 + ARGV[plan]
  for_each_term(model, pk, at + 1, at + ARGV[at], remove_term)
end

-- Remove the values and the pk of an object that is in no index any more.
local function remove(collection, model, pk, plan)
  local keys = {}
  for i = 1, ARGV[plan] do
    keys[i] = field_key(model, pk, ARGV[plan + i])
  end
  call('SREM', collection, pk)
  for from = 1, #keys, 4000 do
    call('DEL', unpack(keys, from, math.min(from + 3999, #keys)))
  end
end
