"""The tables fit the values they keep, and no SQL is built from strings."""

import ast

import msgspec
import pytest

from tests.tidy.tree import PACKAGE, files, parsed, shown
from vmuster.stores.kinds import KINDS
from vmuster.stores.sql.tables import METADATA, TABLES

CHECKED = {"checksum"}
DERIVED = {
    "fleet": {"single"},
    "vm": {"number"},
    "outbox": {"act", "automatic"},
    "sighting": {"cluster"},
}


def test_every_kind_has_a_table_and_every_table_a_kind() -> None:
    assert TABLES.keys() == KINDS.keys()
    assert set(METADATA.tables.values()) == set(TABLES.values())


@pytest.mark.parametrize("kind", list(TABLES))
def test_columns_are_the_fields_and_what_is_derived(kind: type[msgspec.Struct]) -> None:
    table = TABLES[kind]
    assert set(table.c.keys()) == set(kind.__struct_fields__) | CHECKED | DERIVED.get(
        table.name, set()
    )


@pytest.mark.parametrize("kind", list(TABLES))
def test_a_column_may_be_null_just_where_its_field_may_be_none(kind: type[msgspec.Struct]) -> None:
    for field in msgspec.structs.fields(kind):
        may_be_none = type(None) in getattr(field.type, "__args__", ())
        assert TABLES[kind].c[field.name].nullable == may_be_none, field.name


@pytest.mark.parametrize("path", files(PACKAGE / "stores", ".py"), ids=shown)
def test_no_sql_is_built_from_strings(path: object) -> None:
    """T16: no f-string, %, format or + within a call that runs SQL."""
    runs = {"execute", "executemany", "exec_driver_sql", "text", "scalar", "scalars"}
    for call in ast.walk(parsed(path)):  # pyright: ignore[reportArgumentType]
        if not (isinstance(call, ast.Call) and _last_name(call) in runs):
            continue
        built = [
            node
            for argument in call.args[:1]
            for node in ast.walk(argument)
            if isinstance(node, ast.JoinedStr | ast.BinOp)
            or (isinstance(node, ast.Attribute) and node.attr in {"format", "join", "replace"})
        ]
        assert built == []


def _last_name(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""
