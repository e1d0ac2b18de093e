-- What SORT does, by reading alone, and with equal values in the order of their pks. Returns a function
-- (pks, order, first, last), which gives the pks from `first` to `last`, counted from 0; see sort.lua for the order.
--
-- Pks of one value form a run. What is sorted is the values, then the pks inside of the runs that are asked for.

-- A value, or false where there is none, or a key of another type.
local function read(...)
  local value = redis.pcall(...)
  if type(value) ~= 'table' then
    return value
  end
  return not value.err:find('WRONGTYPE', 1, true) and call(...)
end

-- The function that gives the value of a pk.
local function reader(by)
  local before, after = by:match('^(.-)%*(.*)$')
  if not before then
    return function(pk) return pk end
  end
  local suffix, entry = after:match('^(.-)%->(.+)$')
  if not entry then
    return function(pk) return read('GET', before .. pk .. after) end
  end
  return function(pk) return read('HGET', before .. pk .. suffix, entry) end
end

-- A value as a number: 0 where there is none.
local function as_number(value)
  if not value or value == '' then
    return 0
  end
  local number = tonumber(value)
  if not number or number ~= number or value:byte(-1) <= 32 then  -- Lua's numbers may end with a space
    fail("ERR One or more scores can't be converted into double")
  end
  return number
end

-- The runs, by their values, and the list of these; the pks without a value are the run `false`.
local function take_runs(pks, order)
  local value_of, runs, values = reader(order.by), {}, {}
  for _, pk in ipairs(pks) do
    local value = value_of(pk)
    if not order.alpha then
      value = as_number(value)
    end
    local run = runs[value]
    if run then
      run[#run + 1] = pk
    else
      runs[value] = {pk}
      values[#values + 1] = value or nil
    end
  end
  return runs, values
end

return function(pks, order, first, last)
  if order.desc then
    first, last = #pks - 1 - last, #pks - 1 - first
  end
  local runs, values = take_runs(pks, order)
  table.sort(values)
  local page, passed = {}, 0
  local function add(run)
    if passed + #run > first and passed <= last then
      table.sort(run)
      for i = math.max(first - passed, 0) + 1, math.min(last - passed + 1, #run) do
        page[#page + 1] = run[i]
      end
    end
    passed = passed + #run
  end
  add(runs[false] or {})
  for _, value in ipairs(values) do
    add(runs[value])
  end
  if order.desc then
    for i = 1, math.floor(#page / 2) do
      page[i], page[#page + 1 - i] = page[#page + 1 - i], page[i]
    end
  end
  return page
end
