-- Running the user's command.

--@include atomic

-- Run a command on a key.
--
-- Redis 6.2 shrinks the array in which all scripts pass arguments when INCRBYFLOAT runs, and goes on to believe in
-- its old size: with some allocators the next long command writes behind its end. SETEX makes it begin a new one.
local function run(command, key, ...)
  local reply = call(command, key, ...)
  if command == 'INCRBYFLOAT' and not redis.acl_check_cmd then
    redis.pcall('SETEX', key .. ':__scratch', 1, '')
    redis.pcall('DEL', key .. ':__scratch')
  end
  return reply
end
