"""What a pass reads of rows at hand; that a database gives the same, `tests/conformance` says."""

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

import msgspec

from tests.conformance.stores.rows import cluster, fleet
from tests.parts import HOST, OTHER, host, record, sighting
from vmuster.model.ids import VmUuid
from vmuster.model.vm import VmRecord
from vmuster.ports.store import HostAsked, Row
from vmuster.stores.kinds import key_of
from vmuster.stores.loading import Tables, in_order, load_host

SECOND = VmUuid(UUID(int=2))


def tables(*rows: msgspec.Struct) -> Tables:
    def table(kind: type[Row], /) -> Mapping[tuple[object, ...], Row]:
        return {key_of(row): cast(Any, row) for row in rows if type(row) is kind}

    return table


HOUSE = (fleet(), cluster(), host())


def test_without_a_host_or_a_fleet_there_is_nothing() -> None:
    asked = HostAsked(host=HOST)
    assert load_host(tables(*HOUSE[1:]), asked, 0.0) is None
    assert load_host(tables(*HOUSE[:2]), asked, 0.0) is None
    assert load_host(tables(*HOUSE), asked, 0.0) is not None


def test_a_part_is_what_is_about_the_vms_asked_for() -> None:
    rows = (record(), record(uuid=SECOND, name="b"))
    seen = (sighting(), sighting(uuid=SECOND), sighting(uuid=SECOND, host=OTHER))
    found = load_host(
        tables(*HOUSE, *rows, *seen), HostAsked(host=HOST, vms=[SECOND], whole=False), 0.0
    )
    assert found is not None
    assert (found.records, found.here, found.elsewhere) == (rows[1:], seen[1:2], seen[2:])


def test_rows_stand_in_the_order_of_their_kind() -> None:
    rows = [record(uuid=UUID(int=n)) for n in (3, 1, 2)]
    wanted: list[VmRecord] = in_order(rows, lambda row: row.uuid.int != 2)
    assert [row.uuid.int for row in wanted] == [1, 3]
