-- Look at keys that begin like a model's: does each index entry have an object that has the value, and does each
-- value belong to an object?
--
-- KEYS   1 the model's pks (model:collection)
-- ARGV   what to do: 'check'; 'repair'; or 'clear', which removes all index entries that it sees
--        what to do with the values of no object: 'delete', 'keep' or 'adopt', which gives them their pk back
--        about how many index entries to look at, model, all its fields (lib/fields.lua; behind the number of their arguments),
--        for each key (a list: twice the number): the key, and where to go on in it, '0' at first
-- reply  {{number of index entries seen, {key, where to go on, for each that is not done}, findings}}, where a finding
--        is four texts: what, and what it is about
--        dangling    field, term, pk: an index entry without a value
--        duplicate   field, term, pk: one of several objects with a unique value
--        without_pk  pk: an object that an index knows, or that none could know, and `collection` does not
--        orphan      key: a value that was written to an object after its deletion
--        stale       key: what repeats in a list, and does not fit it
--        wrong_type  key: it should be of another type
--        unknown     key: it is of no field
-- errors Redis's own, unchanged

--@include argv
--@include atomic
--@include fields
--@include holds
--@include repeats

local types = {string = 'string', hashable = 'hash', hash = 'hash', set = 'set', zset = 'zset', list = 'list'}

local task, orphans, limit, model
local is_indexed = false
local all_fields, fields, by_suffix = {}, {}, {}
local entries, more, findings, doomed = 0, {}, {}, {}

local function found(what, first, second, third)
  local length = #findings
  findings[length + 1], findings[length + 2] = what, first
  findings[length + 3], findings[length + 4] = second or '', third or ''
end

local function go_on_later(key, cursor)
  more[#more + 1] = key
  more[#more + 1] = cursor
end

local function take_all_fields()
  local at, upto = take_range()
  while at < upto do
    local field
    field, at = field_at(at)
    all_fields[#all_fields + 1] = field
    fields[field.name] = field
    by_suffix[suffix_of(field.kind, field.name)] = field
    is_indexed = is_indexed or #field.indexes > 0
  end
end

local function is_of_type(key, kind)
  return call('TYPE', key).ok == types[kind]
end

local function key_of(pk, field)
  return field_key(model, pk, suffix_of(field.kind, field.name))
end

-- Call `act` as for_each_term does, for the indexed fields of an object that have a value of the right type.
local function for_each_good_term(pk, act)
  for _, field in ipairs(all_fields) do
    if #field.indexes > 0 and is_of_type(key_of(pk, field), field.kind) then
      for_each_term(model, pk, field.from, field.upto, act)
    end
  end
end

-- Whether an index has an object under a value that it has.
local function is_known(pk)
  local known = false
  for_each_good_term(pk, function(kind, base, term)
    known = known or index_has(kind, base, term, pk)
  end)
  return known
end

local function has_value(field, pk, term)
  local key = key_of(pk, field)
  return is_of_type(key, field.kind) and holds[field.kind](key, term, field.name)
end

local function is_unique(field)
  for _, index in ipairs(field.indexes) do
    if index.kind == 'unique' then
      return true
    end
  end
  return false
end

local function check_index(key, field, term, cursor)
  if not is_of_type(key, 'set') then
    found(#field.indexes > 0 and 'wrong_type' or 'unknown', key)
    return
  end
  local page = call('SSCAN', key, cursor, 'COUNT', limit)
  local holders = {}
  for _, pk in ipairs(page[2]) do
    entries = entries + 1
    if task ~= 'clear' and #field.indexes > 0 and has_value(field, pk, term) then
      holders[#holders + 1] = pk
    else
      if task ~= 'clear' then
        found('dangling', field.name, term, pk)
      end
      if task ~= 'check' then
        call('SREM', key, pk)
        undo_with(redis.pcall, 'SADD', key, pk)
      end
    end
  end
  for _, pk in ipairs(#holders > 1 and is_unique(field) and holders or {}) do
    found('duplicate', field.name, term, pk)
  end
  if page[1] ~= '0' then
    go_on_later(key, page[1])
  end
end

-- Let an object be there again, and be found by all its values; an index of a wrong type is passed over.
local function give_back_pk(pk)
  call('SADD', KEYS[1], pk)
  undo_with(redis.pcall, 'SREM', KEYS[1], pk)
  for_each_good_term(pk, function(kind, base, term)
    pcall(add_term, kind, base, term, pk)
  end)
end

local function check_value(key, field, pk)
  if not is_of_type(key, field.kind) then
    found('wrong_type', key)
  elseif call('SISMEMBER', KEYS[1], pk) == 1 then
    return
  elseif not is_indexed or is_known(pk) then
    found('without_pk', pk)
    if task == 'repair' then
      give_back_pk(pk)
    end
  else
    found('orphan', key)
    if task == 'repair' and orphans == 'adopt' then
      give_back_pk(pk)
    elseif task == 'repair' and orphans == 'delete' then
      doomed[#doomed + 1] = key
    end
  end
end

local function do_repeats_fit(key, field, list)
  if #field.indexes == 0 or not is_of_type(key, 'hash') or not is_of_type(list, 'list') then
    return false
  end
  local repeats, number = repeats_of(list), 1
  for value, count in pairs(repeats) do
    number = number + 1
    if call('HGET', key, '=' .. value) ~= tostring(count) then
      return false
    end
  end
  return call('HLEN', key) == number and call('HEXISTS', key, '#') == 1
end

local function check_repeats(key, field, pk)
  if not do_repeats_fit(key, field, key_of(pk, field)) then
    found('stale', key)
    if task == 'repair' then
      doomed[#doomed + 1] = key
    end
  end
end

-- A key is model:collection, model:max_pk, model:field:term, model:pk:suffix, or model:pk:field:__repeats.
local function check_key(key, cursor)
  local rest = key:sub(#model + 2)
  local name, term = rest:match('^([^:]*):(.*)$')
  local pk, suffix = rest:match('^(.*):([^:]*)$')
  if call('EXISTS', key) == 0 then
    return
  elseif by_suffix[suffix] and call('SISMEMBER', KEYS[1], pk) == 1 then
    check_value(key, by_suffix[suffix], pk)
  elseif rest == 'collection' or rest == 'max_pk' then
    if not is_of_type(key, rest == 'max_pk' and 'string' or 'set') then
      found('wrong_type', key)
    end
  elseif fields[name] then
    check_index(key, fields[name], term, cursor)
  elseif task == 'clear' then
    return
  elseif by_suffix[suffix] then
    check_value(key, by_suffix[suffix], pk)
  else
    local owner, list = (pk or ''):match('^(.*):([^:]*)$')
    local field = fields[list]
    if suffix == '__repeats' and field and field.kind == 'list' then
      check_repeats(key, field, owner)
    else
      found('unknown', key)
    end
  end
end

return atomically(function()
  task, orphans, limit, model = take(), take(), take_number(), take()
  take_all_fields()
  local items = take_list()
  for i = 1, #items, 2 do
    (entries < limit and check_key or go_on_later)(items[i], items[i + 1])
  end
  for _, key in ipairs(doomed) do
    call('DEL', key)
  end
  return {entries, more, findings}
end)
