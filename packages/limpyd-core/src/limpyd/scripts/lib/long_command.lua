-- Commands with more arguments than Lua can pass at once, which are sent in parts. Returns a function (key, step),
-- which runs the step's command and replies with one reply made of all.

return function(key, step)
  local arguments = step.arguments
  if step.combine == '' then
    fail('ERR limpyd script: ' .. step.command .. ' takes up to 7000 arguments here')
  end
  local head = math.max(tonumber(step.at) - step.step, 0)
  local options = {unpack(arguments, 1, head)}
  local total, joined = 0, {}
  for from = head + 1, #arguments, 4000 do
    local part = {unpack(options)}
    for i = from, math.min(from + 3999, #arguments) do
      part[#part + 1] = arguments[i]
    end
    if step.combine == 'join' then
      part[head] = #part - head
    end
    local reply = call(step.command, key, unpack(part))
    if step.combine == 'join' then
      for _, item in ipairs(reply) do
        joined[#joined + 1] = item
      end
    end
    total = step.combine == 'sum' and total + reply or reply
  end
  return step.combine == 'join' and joined or total
end
