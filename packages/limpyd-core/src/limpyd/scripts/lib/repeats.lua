-- The hash beside a long list in which lists.lua counts what repeats: '=value' -> occurrences but one, '#' -> '1'.

--@include atomic

-- How often a list has each of the values that it has more than once, but one.
local function repeats_of(key)
  local seen, repeats = {}, {}
  for from = 0, call('LLEN', key) - 1, 1000 do
    for _, value in ipairs(call('LRANGE', key, from, from + 999)) do
      if seen[value] then
        repeats[value] = (repeats[value] or 0) + 1
      end
      seen[value] = true
    end
  end
  return repeats
end
