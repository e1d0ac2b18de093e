-- Redis 6.2 can't be asked what a user may do, so it is tried. Returns a function like `require_permission`.

-- Arguments with which a command does nothing to a key that does not exist.
local harmless = {DEL = {}, HDEL = {'0'}, SREM = {'0'}, ZREM = {'0'}, SET = {'0', 'XX'},
  ZADD = {'XX', '0', '0'}, RESTORE = {'-1', '0'}, LPOS = {'0'}, LRANGE = {'0', '0'}}

-- HSET can be tried on a set, the pks of a model that has an object, which refuses it. SADD can't be tried: it
-- comes first among what changes an index, and the undo log needs SREM alone then.
return function(model, commands)
  for _, name in ipairs(commands) do
    local reply
    if harmless[name] then
      reply = redis.pcall(name, model .. ':__scratch', unpack(harmless[name]))
    elseif name == 'HSET' then
      reply = redis.pcall(name, model .. ':collection', '0', '0')
    end
    if type(reply) == 'table' and reply.err then
      local text = errors()(reply.err, name)
      if text:find('^NOPERM') then
        fail(text)
      end
    end
  end
end
