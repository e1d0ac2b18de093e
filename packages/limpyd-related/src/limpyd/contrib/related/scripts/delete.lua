-- Delete an object with what refers to it: references are cleared, restrict the deletion, or take their objects
-- along, which may be referred to in turn.
--
-- KEYS   the pks (model:collection) of each model that can be reached: 1 the object's, then the others'
-- ARGV   pk, the models (a list: number and models); then for each of them: its plan (lib/delete.lua;
--        empty if its objects are never deleted here), the number of relations that point to it and for each:
--        the number of the model that refers, 'clear', 'cascade' or 'restrict', the one field that refers (as in lib/fields.lua)
-- reply  {1}
--        {'missing', pk}          the object does not exist
--        {'restricted', count, number of the referring model, its pk, name of the field, number of the model that
--        is referred to, its pk, ...}     so many references forbid it, of which the first 20 follow
-- errors Redis's own, unchanged

--@include argv
--@include atomic
--@include permission
--@include delete
--@include references

local SHOWN = 20

local function take_relations(models)
  local relations = {}
  for i = 1, take_number() do
    local referrer, on_delete = models[take_number()], take()
    relations[i] = {referrer = referrer, on_delete = on_delete, field = field_at((take_range()))}
  end
  return relations
end

local function take_models()
  local models = {}
  for number, key in ipairs(take_list()) do
    models[number] = {number = number, key = key, collection = KEYS[number], doomed = {}}
  end
  for _, model in ipairs(models) do
    model.plan = take_plan()
    model.relations = take_relations(models)
  end
  return models
end

-- The objects to delete, in the order of their discovery, and the references to them.
-- `model.doomed` tells of a pk whether its object is to be deleted.
local function survey(model, pk)
  local objects, references = {}, {}
  local function doom(of, its_pk)
    if not of.doomed[its_pk] then
      of.doomed[its_pk] = true
      objects[#objects + 1] = {model = of, pk = its_pk}
    end
  end
  doom(model, pk)
  local next_one = 1
  while objects[next_one] do
    local object = objects[next_one]
    next_one = next_one + 1
    for _, relation in ipairs(object.model.relations) do
      local pks = referrers(relation, object.pk)
      if #pks > 0 then
        references[#references + 1] = {relation = relation, object = object, pks = pks}
      end
      for i = 1, relation.on_delete == 'cascade' and #pks or 0 do
        doom(relation.referrer, pks[i])
      end
    end
  end
  return objects, references
end

-- Refuse if an object that is to stay refers, by a relation that restricts, to one that is to go.
local function check_restrictions(references)
  local count, refusal = 0, {}
  local function add(relation, pk, object)
    local length = #refusal
    refusal[length + 1], refusal[length + 2] = relation.referrer.number, pk
    refusal[length + 3] = relation.field.name
    refusal[length + 4], refusal[length + 5] = object.model.number, object.pk
  end
  for _, reference in ipairs(references) do
    if reference.relation.on_delete == 'restrict' then
      for _, pk in ipairs(reference.pks) do
        if not reference.relation.referrer.doomed[pk] then
          count = count + 1
          if count <= SHOWN then
            add(reference.relation, pk, reference.object)
          end
        end
      end
    end
  end
  if count > 0 then
    refuse('restricted', count, unpack(refusal))
  end
end

local function check_permissions(models, references)
  for _, model in ipairs(models) do
    if next(model.doomed) then
      require_permission(model.key, {'SADD', 'SREM', 'DEL'})
    end
  end
  local checked = {}
  for _, reference in ipairs(references) do
    local relation = reference.relation
    if not checked[relation] then
      checked[relation] = true
      require_permission(relation.referrer.key, {'SADD', 'DEL'})
      require_permission(relation.referrer.key, clearing[relation.field.kind].commands)
    end
  end
end

return atomically(function()
  local pk, models = take(), take_models()
  if call('SISMEMBER', models[1].collection, pk) == 0 then
    refuse('missing', pk)
  end
  local objects, references = survey(models[1], pk)
  check_restrictions(references)
  check_permissions(models, references)
  for _, reference in ipairs(references) do
    if reference.relation.on_delete == 'clear' then
      clear(reference.relation, reference.object.pk, reference.pks)
    elseif reference.relation.on_delete == 'cascade' then
      drop_referrers(reference.relation, reference.object.pk, reference.pks)
    end
  end
  for _, object in ipairs(objects) do
    unindex(object.model.key, object.pk, object.model.plan)
  end
  for _, object in ipairs(objects) do
    remove(object.model.collection, object.model.key, object.pk, object.model.plan)
  end
  return 1
end)
