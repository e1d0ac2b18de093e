-- Read a collection: the objects that are in all of some sets, in order if asked, cut to a slice.
--
-- KEYS   1 the pks: a set, or a list or sorted set, whose order the result then has; from 2 on more sets
-- ARGV   what to answer: 'pks', 'sorted' pks, a sorted 'page' (one key, the slice counts from the start, and nothing
--        is read along), 'count' or 'any'; 'BY' pattern of the sort ('' by pk), '1' for alphabetical, '1' for
--        descending, start and stop of the slice as in Python ('' is none); the model, the kind of the first key
--        ('set', 'list' or 'zset'), pks to choose from (a list: number and pks; none means all), the number of
--        values to read along and for each: suffix of its key, entry of the hash ('' for a string)
-- reply  {pks, each followed by its values}, {number of pks}, or {1 or 0}
-- errors Redis's own, unchanged

--@include sort

-- The usual page is read before more is defined than it needs.
if ARGV[1] == 'page' then
  local first = tonumber(ARGV[5]) or 0
  local size = ARGV[6] == '' and -1 or ARGV[6] - first
  local page = sort_key(KEYS[1], ARGV[2], ARGV[3] == '1', ARGV[4] == '1', first, size)
  if page then
    return {page}
  end
end

--@include argv
--@include atomic
--@include keys
--@module sort_values

local read_all = {
  set = function(key) return call('SMEMBERS', key) end,
  list = function(key) return call('LRANGE', key, 0, -1) end,
  zset = function(key) return call('ZRANGE', key, 0, -1) end,
}

local function in_all_sets(pk, first)
  for i = first, #KEYS do
    if call('SISMEMBER', KEYS[i], pk) == 0 then
      return false
    end
  end
  return true
end

local function filter(pks, first)
  local kept = {}
  for _, pk in ipairs(pks) do
    if in_all_sets(pk, first) then
      kept[#kept + 1] = pk
    end
  end
  return kept
end

local function find(query)
  if #query.among > 0 and query.kind == 'set' then
    return filter(query.among, 1)
  elseif query.kind == 'set' and #KEYS > 1 then
    return call('SINTER', unpack(KEYS))
  end
  local pks = filter(read_all[query.kind](KEYS[1]), 2)
  if #query.among == 0 then
    return pks
  end
  local wanted, kept = {}, {}
  for _, pk in ipairs(query.among) do
    wanted[pk] = true
  end
  for _, pk in ipairs(pks) do
    kept[#kept + 1] = wanted[pk] and pk or nil
  end
  return kept
end

-- How many there are; `limit` allows to stop counting there, 0 never.
local function count(query, limit)
  if query.kind == 'set' and #query.among == 0 then
    if #KEYS == 1 then
      return call('SCARD', KEYS[1])
    end
    local number = redis.pcall('SINTERCARD', #KEYS, unpack(KEYS), 'LIMIT', limit)
    if type(number) == 'number' then
      return number
    end
  end
  return #find(query)
end

-- First and last of the slice, counted from 0, out of `number` pks; first > last where it is empty.
local function bounds(query, number)
  local function bound(text, default)
    local value = tonumber(text) or default
    return math.max(value < 0 and number + value or value, 0)
  end
  return bound(query.start, 0), math.min(bound(query.stop, number), number) - 1
end

local function cut(query, pks)
  local first, last = bounds(query, #pks)
  if first == 0 and last == #pks - 1 then
    return pks
  end
  local slice = {}
  for i = first, last do
    slice[i - first + 1] = pks[i + 1]
  end
  return slice
end

-- A key that has just the pks to sort, and their number: the key that has them already, or a scratch key, to delete
-- afterwards. nil where there is none: where a scratch key can't be written, as on a replica, or is not worth it, or
-- where SORT was of no use.
local function sortable(query)
  if query.among[1] or query.shape == 'page' then
    return nil
  elseif #KEYS == 1 then
    return KEYS[1], call(({set = 'SCARD', list = 'LLEN', zset = 'ZCARD'})[query.kind], KEYS[1])
  elseif query.kind == 'set' then
    local scratch = query.model .. ':__scratch'
    local number = redis.pcall('SINTERSTORE', scratch, unpack(KEYS))
    if type(number) == 'number' then
      undo_with(redis.pcall, 'DEL', scratch)
      return scratch, number
    end
  end
end

local function sort(query)
  local key, number = sortable(query)
  local pks = not key and find(query)
  local first, last = bounds(query, number or #pks)
  local page = first > last and {} or key and sort_key(key, query.by, query.alpha, query.desc, first, last - first + 1)
  if key and key ~= KEYS[1] then
    call('DEL', key)
  end
  return page or sort_values()(pks or find(query), query, first, last)
end

-- The values to read along: of each the suffix of its key, and the entries of the one hash, which are read at once.
local function take_values()
  local suffixes, hash, entries = {}, nil, {}
  for i = 1, take_number() do
    local suffix, entry = take(), take()
    suffixes[i] = entry == '' and suffix or false
    if entry ~= '' then
      hash, entries[#entries + 1] = suffix, entry
    end
  end
  return {suffixes = suffixes, hash = hash, entries = entries}
end

-- The pks, each followed by its values.
local function with_values(query, pks, values)
  if #values.suffixes == 0 then
    return pks
  end
  local rows, last = {}, 0
  for _, pk in ipairs(pks) do
    local found = values.hash and call('HMGET', field_key(query.model, pk, values.hash), unpack(values.entries))
    local entry = 0
    rows[last + 1] = pk
    for i, suffix in ipairs(values.suffixes) do
      if suffix then
        rows[last + 1 + i] = call('GET', field_key(query.model, pk, suffix))
      else
        entry = entry + 1
        rows[last + 1 + i] = found[entry]
      end
    end
    last = last + 1 + #values.suffixes
  end
  return rows
end

return atomically(function()
  local query = {shape = take(), by = take(), alpha = take() == '1', desc = take() == '1', start = take(),
    stop = take(), model = take(), kind = take(), among = take_list()}
  if query.shape == 'count' then
    return count(query, 0)
  elseif query.shape == 'any' then
    return count(query, 1) > 0 and 1 or 0
  end
  local values = take_values()
  return with_values(query, query.shape == 'pks' and cut(query, find(query)) or sort(query), values)
end)
