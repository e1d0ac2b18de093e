-- Finding out beforehand what the user may do.

--@include atomic
--@module permission_by_trial

-- Fail now, with Redis's own error, if the user may not run one of the commands on the model's keys.
local function require_permission(model, commands)
  if not redis.acl_check_cmd then
    return permission_by_trial()(model, commands)
  end
  local scratch = model .. ':__scratch'
  for i = 1, #commands do
    local command = commands[i]
    if command == 'DEL' then  -- whose arguments are all keys
      if not redis.acl_check_cmd(command, scratch) then
        call(command, scratch)
      end
    elseif not redis.acl_check_cmd(command, scratch, '0', '0') then
      call(command, scratch, '0', '0')
    end
  end
end
