-- References from one object to another: who refers, and how a reference is taken out of a value and its index.
--
-- A relation is the model that refers (`referrer`), and its field that does (`field`, as of a deletion plan). The
-- field's first index is the one by equality: the set model:field:pk has everyone who refers to `pk`.

--@include atomic
--@include keys
--@include index

local function referrers(relation, pk)
  return call('SMEMBERS', index_key(relation.field.indexes[1].base, pk))
end

-- Bring a list to what it was before `pk` was taken out of the positions, which rise and count from 0.
local function put_into_list(key, pk, positions)
  local rest = redis.pcall('LRANGE', key, 0, -1)
  local whole, from = {}, 1
  for _, position in ipairs(positions) do
    while #whole < position do
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
--   taker  function (pk, name of the field), which gives a function (key) that takes the pk out of the value there;
--          what it does is undone when a later step fails
local clearing = {}

clearing.string = {
  commands = {'DEL', 'SET'},
  taker = function(pk)
    local function put_back(key)
      redis.pcall('SET', key, pk)
    end
    return function(key)
      if call('DEL', key) == 1 then
        undo_with(put_back, key)
      end
    end
  end,
}

clearing.hashable = {
  commands = {'HDEL', 'HSET'},
  taker = function(pk, name)
    local function put_back(key)
      redis.pcall('HSET', key, name, pk)
    end
    return function(key)
      if call('HDEL', key, name) == 1 then
        undo_with(put_back, key)
      end
    end
  end,
}

clearing.set = {
  commands = {'SREM', 'SADD'},
  taker = function(pk)
    local function put_back(key)
      redis.pcall('SADD', key, pk)
    end
    return function(key)
      if call('SREM', key, pk) == 1 then
        undo_with(put_back, key)
      end
    end
  end,
}

clearing.zset = {
  commands = {'ZREM', 'ZADD'},
  taker = function(pk)
    local function put_back(key, score)
      redis.pcall('ZADD', key, score, pk)
    end
    return function(key)
      local score = call('ZSCORE', key, pk)
      if score then
        call('ZREM', key, pk)
        undo_with(put_back, key, score)
      end
    end
  end,
}

-- The hash beside a long list, in which lists.lua counts repeats, follows.
clearing.list = {
  commands = {'LREM', 'RPUSH', 'DEL', 'HDEL', 'HSET'},
  taker = function(pk)
    local repeat_of_pk = '=' .. pk
    local function put_back(key, was)
      put_into_list(key, pk, was.positions)
      if was.counted then
        redis.pcall('HSET', key .. ':__repeats', '#', 1)
      end
      if was.count then
        redis.pcall('HSET', key .. ':__repeats', repeat_of_pk, was.count)
      end
    end
    return function(key)
      local repeats = key .. ':__repeats'
      local positions = call('LPOS', key, pk, 'COUNT', 0)
      local counts = call('HMGET', repeats, '#', repeat_of_pk)
      call('LREM', key, 0, pk)
      undo_with(put_back, key, {positions = positions, counted = counts[1], count = counts[2]})
      if counts[1] and call('EXISTS', key) == 0 then
        call('DEL', repeats)
      elseif counts[2] then
        call('HDEL', repeats, repeat_of_pk)
      end
    end
  end,
}

-- Let the index have no one who refers to `pk`; `pks` are those that did.
local function drop_referrers(relation, pk, pks)
  local key = index_key(relation.field.indexes[1].base, pk)
  call('DEL', key)
  undo_with(function()
    for first = 1, #pks, 4000 do
      redis.pcall('SADD', key, unpack(pks, first, math.min(first + 3999, #pks)))
    end
  end)
end

-- Take `pk` out of the values of the objects `pks`, and out of the index.
local function clear(relation, pk, pks)
  local model, field = relation.referrer, relation.field
  local take_out_of = clearing[field.kind].taker(pk, field.name)
  for i = 1, #pks do
    take_out_of(field_key(model.key, pks[i], field.suffix))
    for j = 2, #field.indexes do
      field.indexes[j].kind.remove(field.indexes[j].base, pk, pks[i])
    end
  end
  drop_referrers(relation, pk, pks)
end
