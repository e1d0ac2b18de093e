-- Lua can't pass more than some 8,000 arguments at once.

--@include atomic

-- Call a command with any number of arguments, in parts.
local function call_in_parts(command, key, arguments)
  if #arguments <= 4000 then
    return call(command, key, unpack(arguments))
  end
  local reply
  for from = 1, #arguments, 4000 do
    reply = call(command, key, unpack(arguments, from, math.min(from + 3999, #arguments)))
  end
  return reply
end
