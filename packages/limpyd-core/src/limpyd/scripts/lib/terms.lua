-- Lists of terms, in all indexes of a field.

--@include index

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
      index.kind.add(index.base, term, pk)
    end
  end
end

local function remove_terms(indexes, terms, pk)
  for _, index in ipairs(indexes) do
    for _, term in ipairs(terms) do
      index.kind.remove(index.base, term, pk)
    end
  end
end
