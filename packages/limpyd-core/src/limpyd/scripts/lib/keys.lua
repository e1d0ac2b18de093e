-- The keys of limpyd/keys.py, for scripts that learn a pk or a value only on the server.

local function field_key(model, pk, suffix)
  return model .. ':' .. pk .. ':' .. suffix
end

local function index_key(base, term)
  return base .. ':' .. term
end
