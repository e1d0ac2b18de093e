"""The Lua scripts of relations; see `limpyd.scripts`, whose functions they share."""
