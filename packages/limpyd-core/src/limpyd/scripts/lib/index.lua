-- The kinds of index (limpyd/indexes.py has their other half). An index knows which pks have a term.
--
-- A kind is a table of functions of (base, term, pk), where `base` is what the index's keys start with:
--   has     whether the pk has the term
--   add     let the pk have it; whether it is new
--   remove  let the pk not have it; whether it had it
--   check   refuse if the pk can't have it; nil where every pk can

--@include argv
--@include atomic
--@include keys

local index_kinds = {}

-- A set of pks for each term.
index_kinds.equal = {
  has = function(base, term, pk)
    return call('SISMEMBER', index_key(base, term), pk) == 1
  end,
  add = function(base, term, pk)
    return call('SADD', index_key(base, term), pk) == 1
  end,
  remove = function(base, term, pk)
    return call('SREM', index_key(base, term), pk) == 1
  end,
}

-- The same, of one pk at most.
index_kinds.unique = {
  has = index_kinds.equal.has,
  add = index_kinds.equal.add,
  remove = index_kinds.equal.remove,
  check = function(base, term, pk)
    local key = index_key(base, term)
    local other = call('SRANDMEMBER', key)
    if other == pk then
      local two = call('SRANDMEMBER', key, 2)
      other = two[1] == pk and two[2] or two[1]
    end
    if other and other ~= pk then
      refuse('unique', key, term, other)
    end
  end,
}

-- The indexes of the field `name`, read from ARGV: their number, and the kind of each.
local function take_indexes(model, name)
  local indexes = {}
  for i = 1, take_number() do
    indexes[i] = {kind = index_kinds[take()], base = model .. ':' .. name}
  end
  return indexes
end
