"""The keys are those of redis-limpyd 2.1.2, and no two things share one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from limpyd import keys
from redis.exceptions import DataError


def test_keys_have_the_documented_layout() -> None:
    model = keys.model_key("shop", "Bike")
    assert model == "shop:bike"
    assert keys.collection_key(model) == "shop:bike:collection"
    assert keys.max_pk_key(model) == "shop:bike:max_pk"
    assert keys.field_key(model, "1", "wheels") == "shop:bike:1:wheels"
    assert keys.field_key(model, "1", keys.HASH) == "shop:bike:1:hash"
    assert keys.index_base(model, "name") == "shop:bike:name"


def test_an_empty_namespace_leaves_the_colon() -> None:
    assert keys.model_key("", "Example") == ":example"


def test_join_makes_text_of_texts_and_bytes_of_bytes() -> None:
    assert keys.join("a", "b", "c") == "a:b:c"
    assert keys.join("é", b"\xff", "c") == "é".encode() + b":\xff:c"


def test_a_text_that_has_no_bytes_is_no_part_of_a_key_of_bytes() -> None:
    with pytest.raises(DataError, match="surrogates not allowed"):
        keys.join("a", "\ud800", b"b")


def test_sort_patterns_put_the_pk_where_the_star_is() -> None:
    assert keys.sort_pattern(":bike", "wheels") == ":bike:*:wheels"
    assert keys.sort_pattern(":bike", keys.HASH, "name") == ":bike:*:hash->name"


@pytest.mark.parametrize("pk", ["name", "name:x", "collection", "max_pk", "__scratch", "__x:y"])
def test_a_pk_that_would_meet_other_keys_is_told_apart(pk: str) -> None:
    assert keys.reserved_pk_part(pk, {"name"}) == pk.partition(":")[0]


@pytest.mark.parametrize("pk", ["1", "", "names", "x:name", "hash", "collections", "_x"])
def test_other_pks_are_free(pk: str) -> None:
    assert keys.reserved_pk_part(pk, {"name"}) is None


FIELDS = ("name", "max_pk_", "a", "hash_")
PKS = st.text(alphabet="ab:_name1", max_size=8).filter(lambda pk: keys.reserved_pk_part(pk, FIELDS) is None)
VALUES = st.text(alphabet="ab:_name1", max_size=8)


@given(pk=PKS, field=st.sampled_from([*FIELDS, keys.HASH]), index=st.sampled_from(FIELDS), value=VALUES)
def test_no_pk_that_is_allowed_gives_a_data_key_that_is_an_index_key(
    pk: str, field: str, index: str, value: str
) -> None:
    data = keys.field_key(":m", pk, field)
    assert data != keys.join(keys.index_base(":m", index), value)
    assert data not in {keys.collection_key(":m"), keys.max_pk_key(":m")}


@given(one=st.tuples(PKS, st.sampled_from(FIELDS)), two=st.tuples(PKS, st.sampled_from(FIELDS)))
def test_two_values_never_share_a_key(one: tuple[str, str], two: tuple[str, str]) -> None:
    assert (keys.field_key(":m", *one) == keys.field_key(":m", *two)) is (one == two)
