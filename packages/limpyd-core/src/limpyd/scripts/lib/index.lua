-- The kinds of index (limpyd/indexes.py has their other half). An index knows which pks have a term.
--
--   equal    a set of pks for each term
--   unique   the same, of one pk at most
--
-- `base` is what the keys of an index start with. They are functions of the kind, and not a table of kinds, because
-- Redis would make that table at each call of a script.

--@include argv
--@include atomic
--@include keys

-- Whether the pk has the term.
local function index_has(_kind, base, term, pk)
  return call('SISMEMBER', index_key(base, term), pk) == 1
end

-- Let the pk have the term, or not have it any more; whether that is new.
local function index_add(_kind, base, term, pk)
  return call('SADD', index_key(base, term), pk) == 1
end

local function index_remove(_kind, base, term, pk)
  return call('SREM', index_key(base, term), pk) == 1
end

-- Refuse if the pk can't have the term.
local function index_check(kind, base, term, pk)
  if kind ~= 'unique' then
    return
  end
  local key = index_key(base, term)
  local other = call('SRANDMEMBER', key)
  if other == pk then
    local two = call('SRANDMEMBER', key, 2)
    other = two[1] == pk and two[2] or two[1]
  end
  if other and other ~= pk then
    refuse('unique', key, term, other)
  end
end

-- The same as index_add and index_remove, undone when a later step fails.
local function add_term(kind, base, term, pk)
  if index_add(kind, base, term, pk) then
    undo_with(index_remove, kind, base, term, pk)
  end
end

local function remove_term(kind, base, term, pk)
  if index_remove(kind, base, term, pk) then
    undo_with(index_add, kind, base, term, pk)
  end
end

-- The indexes of a field, read from ARGV: their number, and for each its kind and base.
local function take_indexes()
  local indexes = {}
  for i = 1, take_number() do
    indexes[i] = {kind = take(), base = take()}
  end
  return indexes
end

-- Call `act`, one of the functions above, for each of some terms in each of some indexes.
local function for_all(act, indexes, terms, pk)
  for i = 1, #indexes do
    for j = 1, #terms do
      act(indexes[i].kind, indexes[i].base, terms[j], pk)
    end
  end
end
