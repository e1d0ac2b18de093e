-- How a creation is taken back.

return {
  -- An object that is named by the caller may have values already: what was written to its plain fields while it
  -- did not exist. They stay, and are there again if the creation fails.
  keep_value = function(key)
    if call('EXISTS', key) == 1 then
      undo_with(redis.pcall, 'RESTORE', key, math.max(call('PTTL', key), 0), call('DUMP', key))
    end
  end,

  -- Take back what was done for the object `pk` (nil as long as it has none), and the numbers that were counted.
  take_back = function(collection, max_pk, model, pk, counted)
    if pk then
      for_each_value(model, pk, function(key) redis.pcall('DEL', key) end)
      for i = entries_from, entries_upto, 3 do
        pcall(index_remove, ARGV[i], ARGV[i + 1], ARGV[i + 2], pk)
      end
      redis.pcall('SREM', collection, pk)
    end
    if counted > 0 then
      redis.pcall('DECRBY', max_pk, counted)
    end
  end,
}
