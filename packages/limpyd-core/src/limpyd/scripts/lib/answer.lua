-- What a script answers for a command: 'reply' is its reply ('given' too: the command sets what its arguments
-- are), 'value' the value afterwards (`now`), 'first' the reply with that as its first part: numbers beyond 2^53 are
-- exact as texts only, not as replies.

local function answer(how, reply, now)
  if how == 'value' then
    return now
  elseif how == 'first' then
    reply[1] = now or reply[1]
  end
  return reply
end
