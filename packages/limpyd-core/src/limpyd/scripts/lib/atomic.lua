-- All or nothing: what a script has changed is undone when a later step fails.
--
-- Redis keeps what a failed script wrote. So whoever writes notes a function that takes it back
-- with `undo_with`, and the whole work runs inside `atomically`.

local undo_log = {}

-- End the work with an error of Redis. (Lua's own pcall would make a text of a table with `err` in it.)
local function fail(text)
  error({failure = text}, 0)
end

-- Errors that Redis words differently in a script: a part of the text there, and the text outside of it.
local wordings = {
  {'[Uu]nknown %a* ?command called from', "ERR unknown command '%s'"},
  {"can't run this command", "NOPERM this user has no permissions to run the '%s' command"},
  {"can't access at least one of the keys", 'NOPERM this user has no permissions to access one of the keys'},
  {'ACL failure in script: .*No permissions to access a key',
    'NOPERM this user has no permissions to access one of the keys'},
  {'ACL failure in script', "NOPERM this user has no permissions to run the '%s' command"},
}

-- The text that the error in a reply would have outside of a script; nil if the reply is none.
local function error_in(reply, command)
  local text = type(reply) == 'table' and reply.err
  for _, wording in ipairs(text and wordings or {}) do
    if text:find(wording[1]) then
      return wording[2]:format(command)
    end
  end
  return text or nil
end

-- Run a command; an error of Redis ends the work with that error.
local function call(...)
  local reply = redis.pcall(...)
  local text = error_in(reply, ...)
  if text then
    fail(text)
  end
  return reply
end

-- Note the function that takes back what was done, with up to two arguments for it.
local function undo_with(undo, first, second)
  local length = #undo_log
  undo_log[length + 1], undo_log[length + 2], undo_log[length + 3] = undo, first or false, second or false
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
  for i = #log - 2, 1, -3 do
    log[i](log[i + 1], log[i + 2])
  end
  if type(result) ~= 'table' then
    return redis.error_reply('ERR limpyd script: ' .. tostring(result))
  end
  return result.refusal or {err = result.failure}
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
      local text = error_in(reply, name) or ''
      if text:find('^NOPERM') then
        fail(text)
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
