"""Hypothesis strategies for any model value, read off its type: hostile text and all."""

from typing import Any, TypeVar

from hypothesis import strategies as st
from msgspec import inspect as types

_Value = TypeVar("_Value")

JSON_TEXT = st.text(max_size=30)
_NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
_LEAST, _MOST = -(2**63) + 1, 2**63 - 1
_INTEGERS = st.integers(_LEAST, _MOST)
_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | _INTEGERS | _NUMBERS | JSON_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(JSON_TEXT, inner, max_size=3),
    max_leaves=6,
)
_PLAIN: dict[type[types.Type], st.SearchStrategy[Any]] = {
    types.CustomType: _JSON,  # `object`: the only one
    types.NoneType: st.none(),
    types.BoolType: st.booleans(),
    types.StrType: JSON_TEXT,
    types.BytesType: st.binary(max_size=70),
    types.UUIDType: st.uuids(),
}


def values(kind: type[_Value]) -> st.SearchStrategy[_Value]:
    """Values of `kind`, every field drawn from all that its type allows."""
    return _strategy(types.type_info(kind))


def _strategy(info: types.Type) -> st.SearchStrategy[Any]:
    match info:
        case types.StructType(cls=cls, fields=fields):
            drawn = {field.name: _strategy(field.type) for field in fields}
            return st.builds(cls, **drawn)
        case types.UnionType(types=members):
            return st.one_of([_strategy(member) for member in members])
        case types.EnumType(cls=cls):
            return st.sampled_from(list(cls))
        case types.LiteralType(values=literals):
            return st.sampled_from(literals)
        case types.DictType(key_type=key, value_type=value):
            return st.dictionaries(_strategy(key), _strategy(value), max_size=3)
        case types.VarTupleType(item_type=item):
            return st.lists(_strategy(item), max_size=3).map(tuple)
        case types.IntType(ge=least, le=most):
            return st.integers(_LEAST if least is None else least, _MOST if most is None else most)
        case types.FloatType(ge=low, le=high):
            return st.floats(low, high, allow_nan=False, allow_infinity=False)
        case _:
            return _PLAIN[type(info)]
