-- All or nothing: what a script has changed is undone when a later step fails.
--
-- Redis keeps what a failed script wrote. So whoever writes notes a function that takes it back
-- with `undo_with`, and the whole work runs inside `atomically`.

--@module errors

local undo_log = {}
local try, type = redis.pcall, type

-- End the work with an error of Redis. (Lua's own pcall would make a text of a table with `err` in it.)
local function fail(text)
  error({failure = text}, 0)
end

-- Run a command; an error of Redis ends the work with that error.
local function call(...)
  local reply = try(...)
  if type(reply) == 'table' and reply.err then
    fail(errors()(reply.err, ...))
  end
  return reply
end

-- Note the function that takes back what was done, and its arguments: `undo_with(redis.pcall, 'SREM', key, pk)`.
local function undo_with(...)
  undo_log[#undo_log + 1] = {...}
end

-- End the work without a change: the script answers {code, detail...}, which Python makes an exception of.
local function refuse(...)
  error({refusal = {...}}, 0)
end

-- Run `work`; answer {its result}, or take everything back and answer the refusal or the error.
-- Work inside of work is taken back, or is there to stay, for itself.
local function atomically(work)
  local kept = #undo_log
  local done, result = pcall(work)
  for i = #undo_log, kept + 1, -1 do
    if not done then
      pcall(unpack(undo_log[i]))
    end
    undo_log[i] = nil
  end
  if done then
    return {result}
  end
  if type(result) ~= 'table' then
    return redis.error_reply('ERR limpyd script: ' .. tostring(result))
  end
  return result.refusal or {err = result.failure}
end
