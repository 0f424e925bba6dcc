"""The columns that many tables have."""

import pytest
from sqlalchemy import Table, Text, create_engine, insert, select
from sqlalchemy.exc import IntegrityError

from vmuster.stores.sql.columns import METADATA, UUID, columns, version


def test_names_follow_from_a_rule() -> None:
    names = {each.name for table in METADATA.sorted_tables for each in table.constraints}
    assert None not in names
    assert {"pk_vm", "fk_host_cluster_cluster", "ck_vm_version"} <= names


def test_each_name_makes_a_column_of_the_type() -> None:
    one, two = columns(UUID, "one", "two")
    assert (one.name, two.name) == ("one", "two")
    assert one.type is two.type is UUID
    assert not one.nullable
    assert columns(Text, "one", null=True)[0].nullable


def test_rows_of_before_have_what_is_said() -> None:
    engine = create_engine("sqlite://")
    table = Table(
        "t", METADATA.__class__(), *columns(UUID, "id"), *columns(Text, "s", default="'x'")
    )
    with engine.begin() as connection:
        table.create(connection)
        connection.execute(insert(table).values(id="1"))
        assert connection.execute(select(table)).all() == [("1", "x")]
    engine.dispose()


@pytest.mark.parametrize(("number", "fits"), [(1, True), (0, False), (-1, False)])
def test_a_version_begins_at_one(number: int, *, fits: bool) -> None:
    engine = create_engine("sqlite://")
    table = Table("t", METADATA.__class__(), *version())
    refused = False
    with engine.begin() as connection:
        table.create(connection)
        try:
            connection.execute(insert(table).values(version=number))
        except IntegrityError:
            refused = True
    engine.dispose()
    assert refused is not fits
