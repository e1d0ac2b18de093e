-- References from one object to another: who refers, and how a reference is taken out of a value and its index.
--
-- A relation is the model that refers (`referrer`), and its field that does (`field`, as of a deletion plan). The
-- field's first index is the one by equality: the set model:field:pk has everyone who refers to `pk`.

--@include atomic
--@include keys
--@include fields

local function referrers(relation, pk)
  return call('SMEMBERS', index_key(relation.field.indexes[1].base, pk))
end

-- Bring a list to what it was before `pk` was taken out of the positions, which rise and count from 0.
local function put_into_list(key, pk, positions)
  local rest = redis.pcall('LRANGE', key, 0, -1)
  local whole, from = {}, 1
  for _, place in ipairs(positions) do
    while #whole < place do
      whole[#whole + 1] = rest[from]
      from = from + 1
    end
    whole[#whole + 1] = pk
  end
  for i = from, #rest do
    whole[#whole + 1] = rest[i]
  end
  redis.pcall('DEL', key)
  for first = 1, #whole, 4000 do
    redis.pcall('RPUSH', key, unpack(whole, first, math.min(first + 3999, #whole)))
  end
end

-- How a pk is taken out of each kind of value: the commands that this and taking it back may need, and
--   take_out  function (key, pk, name of the field); what it does is undone when a later step fails
local clearing = {}

clearing.string = {
  commands = {'DEL', 'SET'},
  take_out = function(key, pk)
    if call('DEL', key) == 1 then
      undo_with(redis.pcall, 'SET', key, pk)
    end
  end,
}

clearing.hashable = {
  commands = {'HDEL', 'HSET'},
  take_out = function(key, pk, name)
    if call('HDEL', key, name) == 1 then
      undo_with(redis.pcall, 'HSET', key, name, pk)
    end
  end,
}

clearing.set = {
  commands = {'SREM', 'SADD'},
  take_out = function(key, pk)
    if call('SREM', key, pk) == 1 then
      undo_with(redis.pcall, 'SADD', key, pk)
    end
  end,
}

clearing.zset = {
  commands = {'ZREM', 'ZADD'},
  take_out = function(key, pk)
    local score = call('ZSCORE', key, pk)
    if score then
      call('ZREM', key, pk)
      undo_with(redis.pcall, 'ZADD', key, score, pk)
    end
  end,
}

-- The hash beside a long list, in which lists.lua counts repeats, follows.
clearing.list = {
  commands = {'LREM', 'RPUSH', 'DEL', 'HDEL', 'HSET'},
  take_out = function(key, pk)
    local repeats = key .. ':__repeats'
    local positions = call('LPOS', key, pk, 'COUNT', 0)
    local counted = call('EXISTS', repeats) == 1
    call('LREM', key, 0, pk)
    undo_with(put_into_list, key, pk, positions)
    if counted then
      undo_with(redis.pcall, 'HSET', repeats, '#', 1)
      if #positions > 1 then
        call('HDEL', repeats, '=' .. pk)
        undo_with(redis.pcall, 'HSET', repeats, '=' .. pk, #positions - 1)
      end
      if call('EXISTS', key) == 0 then
        call('DEL', repeats)
      end
    end
  end,
}

-- Let the index have no one who refers to `pk`; `pks` are those that did.
local function drop_referrers(relation, pk, pks)
  local key = index_key(relation.field.indexes[1].base, pk)
  call('DEL', key)
  for first = 1, #pks, 4000 do
    undo_with(redis.pcall, 'SADD', key, unpack(pks, first, math.min(first + 3999, #pks)))
  end
end

-- Take `pk` out of the values of the objects `pks`, and out of the index.
local function clear(relation, pk, pks)
  local model, field = relation.referrer, relation.field
  local take_out = clearing[field.kind].take_out
  for i = 1, #pks do
    take_out(field_key(model.key, pks[i], suffix_of(field.kind, field.name)), pk, field.name)
    for j = 2, #field.indexes do
      remove_term(field.indexes[j].kind, field.indexes[j].base, pk, pks[i])
    end
  end
  drop_referrers(relation, pk, pks)
end
