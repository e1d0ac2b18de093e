-- The fields of a model: what their indexes should have of an object.
--
-- In ARGV stands for each field its kind of value, its name, the number of its indexes, and for each its kind and
-- what its keys start with; a part of ARGV that holds whole fields is told by its first and last position.

--@include argv
--@include atomic
--@include index
--@include keys
--@include state
--@module value_kinds

-- A field as a table, and where the next one begins.
local function field_at(at)
  local field = {kind = ARGV[at], name = ARGV[at + 1], indexes = {}, from = at, upto = at + 2 + 2 * ARGV[at + 2]}
  for i = at + 3, field.upto, 2 do
    field.indexes[#field.indexes + 1] = {kind = ARGV[i], base = ARGV[i + 1]}
  end
  return field, field.upto + 1
end

-- The terms under which the indexes should have a field that is not hashable.
local function terms_of(kind, key)
  if kind == 'string' then
    return {call('GET', key) or nil}
  end
  local value, terms = value_kinds()[kind](), {}
  local members = value.all(key)
  local state = value.state and value.state(key, members)
  for i = 1, #members do
    terms[i] = value.term(members[i], not state or state[members[i]])
  end
  return terms
end

-- The values of the hashable ones among the fields from `from` to `upto`.
local function hash_values(model, pk, from, upto)
  local names, at = {}, from
  while at < upto do
    if ARGV[at] == 'hashable' then
      names[#names + 1] = ARGV[at + 1]
    end
    at = at + 3 + 2 * ARGV[at + 2]
  end
  return #names > 0 and call('HMGET', field_key(model, pk, 'hash'), unpack(names))
end

-- Call `act(kind of index, base, term, pk, name of the field)` for each term that an index should have of an object,
-- as to the fields from `from` to `upto`.
local function for_each_term(model, pk, from, upto, act)
  local in_hash, number, at = hash_values(model, pk, from, upto), 0, from
  while at < upto do
    local kind, name, last, terms = ARGV[at], ARGV[at + 1], at + 2 + 2 * ARGV[at + 2], nil
    if kind == 'hashable' then
      number = number + 1
    else
      terms = terms_of(kind, field_key(model, pk, name))
    end
    for i = 1, terms and #terms or in_hash[number] and 1 or 0 do
      for j = at + 3, last, 2 do
        act(ARGV[j], ARGV[j + 1], terms and terms[i] or in_hash[number], pk, name)
      end
    end
    at = last + 1
  end
end
