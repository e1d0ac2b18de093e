-- The kinds of index (limpyd/indexes.py has their other half). An index knows which pks have a term.
--
-- A kind is four functions of (base, term, pk), where `base` is what the index's keys start with:
--   has     whether the pk has the term
--   holder  another pk that has it, or nil
--   add     let the pk have it
--   remove  let the pk not have it

--@include argv
--@include atomic
--@include keys

local index_kinds = {}

index_kinds.equal = {
  has = function(base, term, pk)
    return call('SISMEMBER', index_key(base, term), pk) == 1
  end,
  holder = function(base, term, pk)
    for _, other in ipairs(call('SRANDMEMBER', index_key(base, term), 2)) do
      if other ~= pk then
        return other
      end
    end
  end,
  add = function(base, term, pk)
    local key = index_key(base, term)
    if call('SADD', key, pk) == 1 then
      undo_with(redis.pcall, 'SREM', key, pk)
    end
  end,
  remove = function(base, term, pk)
    local key = index_key(base, term)
    if call('SREM', key, pk) == 1 then
      undo_with(redis.pcall, 'SADD', key, pk)
    end
  end,
}

-- The indexes of the field `name`, read from ARGV: a number, then {kind, '1' if unique} for each.
local function take_indexes(model, name)
  local indexes = {}
  for i = 1, take_number() do
    indexes[i] = {kind = index_kinds[take()], unique = take() == '1', base = model .. ':' .. name}
  end
  return indexes
end

-- Refuse if another object holds a term that is to be unique.
local function check_unique_term(kind, base, term, pk)
  local other = kind.holder(base, term, pk)
  if other then
    refuse('unique', index_key(base, term), term, other)
  end
end
