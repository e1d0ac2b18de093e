-- All or nothing: what a script has changed is undone when a later step fails.
--
-- Redis keeps what a failed script wrote. So whoever writes notes a function that takes it back
-- with `undo_with`, and the whole work runs inside `atomically`.

local undo_log = {}

-- Run a command; an error of Redis ends the work with that error, its text as outside of a script.
local function call(...)
  local reply = redis.pcall(...)
  if type(reply) == 'table' and reply.err then
    if reply.err:find('Unknown Redis command called', 1, true) then
      error({err = "ERR unknown command '" .. ... .. "'"}, 0)
    end
    error(reply, 0)
  end
  return reply
end

-- Note the function that takes back what was done.
local function undo_with(undo)
  undo_log[#undo_log + 1] = undo
end

-- End the work without a change: the script answers {code, detail...}, which Python makes an exception of.
local function refuse(...)
  error({refusal = {...}}, 0)
end

-- Run `work`; answer {its result}, or take everything back and answer the refusal or the error.
-- Work inside of work is taken back, or is there to stay, for itself.
local function atomically(work)
  local outer_log = undo_log
  undo_log = {}
  local done, result = pcall(work)
  local log = undo_log
  undo_log = outer_log
  if done then
    return {result}
  end
  for i = #log, 1, -1 do
    log[i]()
  end
  if type(result) ~= 'table' then
    return redis.error_reply('ERR limpyd script: ' .. tostring(result))
  end
  return result.refusal or result
end

-- Arguments with which a command does nothing to a key that does not exist.
local harmless = {DEL = {}, HDEL = {'0'}, SREM = {'0'}, ZREM = {'0'}, SET = {'0', 'XX'},
  ZADD = {'XX', '0', '0'}, RESTORE = {'-1', '0'}}

-- Fail now, with Redis's own error, if the user may not run one of the commands on the model's keys.
-- Redis 6.2 can't be asked: there the harmless ones are tried, and HSET on a set, which refuses it (the pks of
-- a model that has an object); the undo log takes care of the others.
local function require_permission(model, commands)
  local scratch = model .. ':__scratch'
  for _, name in ipairs(commands) do
    if redis.acl_check_cmd then
      if not redis.acl_check_cmd(name, scratch, '0', '0') then
        call(name, scratch, '0', '0')
      end
    else
      local reply
      if harmless[name] then
        reply = redis.pcall(name, scratch, unpack(harmless[name]))
      elseif name == 'HSET' then
        reply = redis.pcall(name, model .. ':collection', '0', '0')
      end
      if type(reply) == 'table' and reply.err and reply.err:find('NOPERM') then
        error(reply, 0)
      end
    end
  end
end

-- Call a command with any number of arguments, in parts small enough for Lua's stack.
local function call_in_parts(command, key, arguments, first)
  local reply
  for from = first or 1, #arguments, 4000 do
    reply = call(command, key, unpack(arguments, from, math.min(from + 3999, #arguments)))
  end
  return reply
end
