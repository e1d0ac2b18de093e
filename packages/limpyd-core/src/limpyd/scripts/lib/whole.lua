-- Commands that replace a whole value, whatever it was. Returns a function (model, pk, key, step, value), which
-- runs the step's command and replies with its reply.

-- All terms of a value, as a state whose members are the terms.
local function all_terms(key, value, state_of)
  local terms = {}
  local members = value.all(key)
  local state = state_of and state_of(key, members)
  for _, member in ipairs(members) do
    local has = not state or state[member]
    if has then
      terms[value.term(member, has)] = true
    end
  end
  return terms
end

return function(model, pk, key, step, value)
  require_permission(model, {'RESTORE', 'DEL'})
  local before, dump = all_terms(key, value, value.state), call('DUMP', key)
  undo_with(function()
    if dump then
      redis.pcall('RESTORE', key, 0, dump, 'REPLACE')
    else
      redis.pcall('DEL', key)
    end
  end)
  local reply = execute(key, step)
  local after = all_terms(key, value, value.state)
  for term in pairs(after) do
    before[term] = before[term] or false
  end
  reindex(pk, key, step, {term = function(term) return term end}, before, after)
  if step.kind == 'list' then
    call('DEL', field_key(model, pk, step.suffix .. ':__repeats'))
  end
  return reply
end
