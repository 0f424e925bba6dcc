"""Changes are numbered, made plain, or refused."""

from uuid import UUID

import pytest

from tests.conformance.stores.rows import SECOND, dropped, entry, inserted
from tests.parts import HOST, VM, record, sighting
from vmuster.model.changes import Changes, Write
from vmuster.model.ids import HostId
from vmuster.stores.refusals import Refusal
from vmuster.stores.settle import check_writes, row_of, settle


def test_a_new_row_has_version_1_and_a_changed_one_the_next() -> None:
    both = Changes(
        writes=(
            Write(before=None, after=record(version=7)),
            Write(before=record(version=4), after=record(version=9)),
        )
    )
    assert [write.after for write in settle(both).writes] == [record(version=1), record(version=5)]


def test_evidence_becomes_plain_data_that_nobody_can_change_later() -> None:
    seen: list[object] = [UUID(int=1)]
    settled = settle(Changes(entries=(entry(evidence={"seen": seen}),)))
    seen.append("later")
    assert settled.entries[0].evidence == {"seen": [str(UUID(int=1))]}


@pytest.mark.parametrize(
    "changes",
    [
        inserted(record(label="\udc80")),
        dropped(record(name="\udc80")),
        inserted(record(generation=2**63)),
        inserted(record(generation=-(2**63))),
        inserted(record(seen_at=float("-inf"))),
        inserted(record(label=None)),
        Changes(sightings=(sighting(why="\ud800"),)),
        Changes(entries=(entry(evidence={"x": object()}),)),
    ],
)
def test_what_would_not_come_back_is_refused(changes: Changes) -> None:
    with pytest.raises(Refusal, match="can't be stored"):
        settle(changes)


def test_a_sighting_that_can_not_be_there_need_not_go() -> None:
    changes = Changes(gone=((HostId("\ud800"), VM), (HOST, VM)))
    assert settle(changes).gone == ((HOST, VM),)


def test_a_write_is_about_one_row() -> None:
    check_writes(inserted(record()))
    with pytest.raises(ValueError, match="same row"):
        check_writes(Changes(writes=(Write(before=record(), after=record(uuid=SECOND)),)))
    with pytest.raises(ValueError, match="needs a row"):
        check_writes(Changes(writes=(Write(before=None, after=None),)))


def test_the_row_of_a_write_is_the_newer_one() -> None:
    assert row_of(Write(before=record(version=1), after=record(version=2))).version == 2
    assert row_of(Write(before=record(version=1), after=None)).version == 1
