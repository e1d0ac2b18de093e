--@include atomic

-- Read members in parts: `read` is a command that answers with a list as long as its arguments.
local function read_state(read, absent, key, members)
  local state = {}
  for from = 1, #members, 4000 do
    local upto = math.min(from + 3999, #members)
    local replies = call(read, key, unpack(members, from, upto))
    for i = 1, #replies do
      state[members[from + i - 1]] = replies[i] ~= absent and replies[i]
    end
  end
  return state
end
