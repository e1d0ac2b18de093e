-- A cursor over ARGV, the flat list of arguments that a script interprets.

local position = 0

-- The next argument, as the string it is.
local function take()
  position = position + 1
  return ARGV[position]
end

-- The next argument as a number.
local function take_number()
  position = position + 1
  return tonumber(ARGV[position])
end

-- The next arguments in a table: as many as the next argument says.
local function take_list()
  local list = {}
  for i = 1, take_number() do
    list[i] = take()
  end
  return list
end

-- The next arguments, without a table: where they begin and end, as many as the next argument says.
local function take_range()
  local from = position + 2
  position = from + ARGV[from - 1] - 1
  return from, position
end

-- All arguments that are left, to pass on.
local function take_rest()
  return unpack(ARGV, position + 1)
end
