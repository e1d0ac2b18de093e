-- Lists of terms, in all indexes of a field.

--@include index

-- Let a pk have a term of an index, or not have it any more. It is undone when a later step fails.
local function add_term(index, term, pk)
  if index.kind.add(index.base, term, pk) then
    undo_with(index.kind.remove, index.base, term, pk)
  end
end

local function remove_term(index, term, pk)
  if index.kind.remove(index.base, term, pk) then
    undo_with(index.kind.add, index.base, term, pk)
  end
end

local function check_unique(indexes, terms, pk)
  for _, index in ipairs(indexes) do
    for _, term in ipairs(index.kind.check and terms or {}) do
      index.kind.check(index.base, term, pk)
    end
  end
end

local function add_terms(indexes, terms, pk)
  for _, index in ipairs(indexes) do
    for _, term in ipairs(terms) do
      add_term(index, term, pk)
    end
  end
end

local function remove_terms(indexes, terms, pk)
  for _, index in ipairs(indexes) do
    for _, term in ipairs(terms) do
      remove_term(index, term, pk)
    end
  end
end
