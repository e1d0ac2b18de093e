-- The pks of a key in the order of SORT, where equal ones are in the order of their pks; descending is the reverse of
-- that. (What SORT can't do, or may not, sort_values.lua does.)
--
-- SORT orders pks of equal numbers itself, but those of equal texts at random, and differently for each page. So it is
-- asked for the texts, too, and for a margin of more pks at both ends of the page: they tell whether a run of equal
-- ones goes on there.

local MARGINS = {1, 1000}  -- the second one where a run goes beyond the first

-- Run SORT; nil where it fails: where a replica refuses it, or the user may not sort by all patterns, or a value is no
-- number. SORT_RO is missing before Redis 7.0.
local function run_sort(key, by, alpha, desc, first, size)
  local words = {'SORT_RO', key, 'LIMIT', first, size, desc and 'DESC' or 'ASC'}
  if by ~= '' then
    words[7], words[8] = 'BY', by
  end
  if alpha then
    local n = #words
    words[n + 1], words[n + 2], words[n + 3], words[n + 4] = 'ALPHA', 'GET', '#', 'GET'
    words[n + 5] = by == '' and '#' or by
  end
  local rows = redis.pcall(unpack(words))
  if rows.err and rows.err:lower():find('unknown', 1, true) then
    words[1] = 'SORT'
    rows = redis.pcall(unpack(words))
  end
  return not rows.err and rows or nil
end

-- Whether SORT may take two texts for equal (false is a missing one): it looks at them up to a NUL.
local function are_equal(one, other)
  if not one or not other then
    return one == other
  end
  return one:find('\0', 1, true) or other:find('\0', 1, true) or one <= other and other <= one
end

-- Order the pks of one text, which stand from `from` to `upto`.
local function order_run(pks, from, upto, desc)
  local run = {}
  for i = from, upto do
    run[#run + 1] = pks[i]
  end
  table.sort(run, desc and function(one, other) return one > other end or nil)
  for i = from, upto do
    pks[i] = run[i - from + 1]
  end
end

-- The pks of `rows`, a list of pks and their texts in turn; nil if they are not in Lua's order.
local function order_rows(rows, desc)
  local pks, run, previous = {rows[1]}, 1, rows[2]
  for i = 2, #rows / 2 do
    local text = rows[2 * i]
    if text ~= previous then
      local less, more = previous, text
      if desc then
        less, more = text, previous
      end
      if less and not (more and less < more) then
        return nil
      end
      if i - run > 1 then
        order_run(pks, run, i - 1, desc)
      end
      run, previous = i, text
    end
    pks[i] = rows[2 * i - 1]
  end
  if #pks > run then
    order_run(pks, run, #pks, desc)
  end
  return pks
end

-- `size` pks (-1 is all) from `first` on, counted from 0; nil where SORT fails, false where the margin is too small.
local function sort_texts(key, by, desc, first, size, margin)
  local before = math.min(first, margin)
  local most = size < 0 and -1 or before + size + margin
  local rows = run_sort(key, by, true, desc, first - before, most)
  if not rows then
    return nil
  end
  local count = #rows / 2
  local last = size < 0 and count or math.min(before + size, count)
  if last > before and (before < first and are_equal(rows[2], rows[2 * before + 2])
    or count == most and are_equal(rows[2 * last], rows[2 * count])) then
    return false
  end
  local pks = order_rows(rows, desc)
  if not pks or before == 0 and last == count then
    return pks
  end
  local page = {}
  for i = before + 1, last do
    page[i - before] = pks[i]
  end
  return page
end

-- `size` pks (-1 is all) from `first` on, counted from 0, in order; nil where SORT can't tell.
local function sort_key(key, by, alpha, desc, first, size)
  if not alpha then
    return run_sort(key, by, alpha, desc, first, size)
  end
  for _, margin in ipairs(MARGINS) do
    local page = sort_texts(key, by, desc, first, size, margin)
    if page ~= false then
      return page
    end
  end
end
