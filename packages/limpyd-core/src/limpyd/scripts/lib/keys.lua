-- The keys of limpyd/keys.py, for scripts that learn a pk or a value only on the server.

local function field_key(model, pk, suffix)
  return model .. ':' .. pk .. ':' .. suffix
end

-- The last part of a field's key: its name, but for hashable fields, which share a hash.
local function suffix_of(kind, name)
  return kind == 'hashable' and 'hash' or name
end

local function index_key(base, term)
  return base .. ':' .. term
end
