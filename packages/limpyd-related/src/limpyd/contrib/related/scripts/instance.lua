-- Read a foreign key, and whether the object that it names exists.
--
-- KEYS   1 the foreign key's value (model:pk:field or model:pk:hash), 2 the pks of the model that it points to
-- ARGV   the command that reads it ('GET' or 'HGET'), and its arguments after the key
-- reply  {{pk, 1 if the object exists, else 0}}, or {nil} if the foreign key has no value
-- errors Redis's own, unchanged

--@include atomic

return atomically(function()
  local pk = call(ARGV[1], KEYS[1], unpack(ARGV, 2))
  return pk and {pk, call('SISMEMBER', KEYS[2], pk)}
end)
