-- A step is one command of the user on one value of an object, with what the indexes have to know of it.
--
-- In ARGV: kind of value, the number of fields that it touches and for each its name and its indexes; then how
-- the members that the command touches are found, with two arguments (at, step), how a command that is too long for
-- Lua is put together from parts ('sum', 'last' or 'join' of the replies; with 'join' the argument before the
-- members is their number), what to answer (lib/answer.lua), the command, and as its arguments all the rest.
--
--   none     nothing is touched: a read
--   value    the one value; of hashable fields, the fields named
--   members  the arguments, from number `at`, every `step`-th (0: just that one)
--   reply    what the command took out, which its reply holds, from number `at`, every `step`-th; before it
--            may stand the key, and behind each member of a sorted set stands its score
--   range    what the command `at` reads with the same arguments
--   all      all members
--   whole    all members, before and after
--   (lists)  push, pop, insert, set, rem, trim, all, whole: see lists.lua

--@include argv
--@include state
--@module value_kinds
--@include index
--@include permission
--@include run
--@include answer
--@include repeats
--@include single

local function take_step()
  local step = {kind = take(), names = {}, indexes_by_name = {}, indexed = false}
  for i = 1, take_number() do
    local name = take()
    local indexes = take_indexes()
    step.suffix = suffix_of(step.kind, name)
    step.names[i], step.indexes_by_name[i], step.indexes = name, indexes, indexes
    step.indexed = step.indexed or #indexes > 0
  end
  step.how, step.at, step.step, step.combine, step.answer = take(), take(), take_number(), take(), take()
  step.command = take()
  step.arguments = {}
  for argument in take do
    step.arguments[#step.arguments + 1] = argument
  end
  return step
end

--@module long_command

-- Run the step's command.
local function execute(key, step)
  local arguments = step.arguments
  if #arguments > 7000 then
    return long_command()(key, step)
  end
  local space = step.command:find(' ', 1, true)
  if space then
    return call(step.command:sub(1, space - 1), step.command:sub(space + 1), key, unpack(arguments))
  end
  return run(step.command, key, unpack(arguments))
end

-- Every `step`-th of a list from `at`; with the step 0 just that one.
local function pick(list, at, step)
  if step == 0 then
    return {list[at]}
  end
  local picked = {}
  for i = at, #list, step do
    picked[#picked + 1] = list[i]
  end
  return picked
end

-- The member whose value a command on one value answers.
local function value_member(step)
  if step.kind == 'string' then
    return ''
  end
  return step.kind == 'hash' and step.arguments[1] or step.names[1]
end

--@module lists

-- The members that the command may change, or nil if only its reply tells.
local function touched(key, step, value)
  if step.how == 'members' then
    return pick(step.arguments, tonumber(step.at), step.step)
  elseif step.how == 'range' then
    return call(step.at, key, unpack(step.arguments))
  elseif step.how == 'all' then
    return value.all(key)
  end
end

-- The state before of the members that the command took out, by its reply.
local function taken_out(step, reply)
  local list = type(reply) == 'table' and reply or {reply or nil}
  if type(list[2]) == 'table' then
    list = list[2]
  end
  local before = {}
  for i = tonumber(step.at), #list, type(list[1]) == 'table' and 1 or step.step do
    if type(list[i]) == 'table' then
      before[list[i][1]] = list[i][2]
    else
      before[list[i]] = step.step == 1 or list[i + 1]
    end
  end
  return before
end

local function undo_members(key, value, before)
  undo_with(function()
    for member, has in pairs(before) do
      redis.pcall(unpack(value.put(key, member, has)))
    end
  end)
end

-- Let the indexes follow from one state of the members to the next.
local function reindex(pk, key, step, value, before, after)
  local gone, new = {}, {}
  for member, had in pairs(before) do
    local has = after[member]
    local old_term = had and value.term(member, had)
    local new_term = has and value.term(member, has)
    if old_term ~= new_term then
      local indexes = step.indexes
      if old_term and not (value.has_term and value.has_term(key, old_term)) then
        gone[#gone + 1] = {indexes, {old_term}}
      end
      if new_term then
        new[#new + 1] = {indexes, {new_term}}
      end
    end
  end
  for _, change in ipairs(new) do
    for_all(index_check, change[1], change[2], pk)
  end
  for _, change in ipairs(new) do
    for_all(add_term, change[1], change[2], pk)
  end
  for _, change in ipairs(gone) do
    for_all(remove_term, change[1], change[2], pk)
  end
end

--@module whole

-- Run a step on the object `pk` and let the indexes follow. Replies with the command's reply.
local function run_step(model, pk, step)
  local key = field_key(model, pk, step.suffix)
  local value = value_kinds()[step.kind]()
  if step.how == 'none' or not step.indexed then
    local reply = execute(key, step)
    if step.answer == 'reply' or step.answer == 'given' then
      return reply
    end
    local member = value_member(step)
    return answer(step.answer, reply, value.state(key, {member})[member])
  end
  require_permission(model, {'SADD', 'SREM'})
  if step.how == 'whole' then
    return whole()(model, pk, key, step, value)
  elseif step.kind == 'list' then
    return lists()(model, pk, key, step)
  elseif step.how == 'value' then
    local reply, now = run_on_single(model, pk, step.kind, key, step.names, step.indexes_by_name, function()
      return execute(key, step)
    end)
    return answer(step.answer, reply, now)
  end

  require_permission(model, value.suspects)
  local members = touched(key, step, value)
  local before = members and value.state(key, members)
  if before then
    undo_members(key, value, before)
  end
  local reply = execute(key, step)
  if not members then
    before = taken_out(step, reply)
    undo_members(key, value, before)
  end
  local after = members and value.state(key, members) or {}
  reindex(pk, key, step, value, before, after)
  return answer(step.answer, reply, members and after[members[1]])
end
