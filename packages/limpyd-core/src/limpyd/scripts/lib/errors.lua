-- Errors that Redis words differently in a script: a part of the text there, and the text outside of it.
-- Returns a function (text, command): the text that an error would have outside of a script.

local wordings = {
  {'[Uu]nknown %a* ?command called from', "ERR unknown command '%s'"},
  {"can't run this command", "NOPERM this user has no permissions to run the '%s' command"},
  {"can't access at least one of the keys", 'NOPERM this user has no permissions to access one of the keys'},
  {'ACL failure in script: .*No permissions to access a key',
    'NOPERM this user has no permissions to access one of the keys'},
  {'ACL failure in script', "NOPERM this user has no permissions to run the '%s' command"},
}

return function(text, command)
  for _, wording in ipairs(wordings) do
    if text:find(wording[1]) then
      return wording[2]:format(command)
    end
  end
  return (text:gsub('^@user_script: %d+: %-?', ''))  -- where Redis 6.2 adds the place
end
