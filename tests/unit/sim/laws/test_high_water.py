"""L5's checker: no epoch and no generation goes back."""

import msgspec
import pytest

from tests.lawbench import Bench, mark
from tests.parts import HOST, MARK, VM, record
from vmuster.model.ids import HostId
from vmuster.sim.laws.high_water import HighWater
from vmuster.sim.world.pages import MemoryPages


def test_an_act_of_the_newest_epoch_is_right() -> None:
    bench = Bench(HighWater)
    bench.act("shutdown", None, told_epoch=3, highest_epoch=3)
    assert bench.broken == []


@pytest.mark.parametrize("restored", [True, False])
def test_an_act_of_an_older_epoch_is_wrong_unless_nobody_could_know(restored: bool) -> None:
    bench = Bench(HighWater)
    pages = bench.world.hosts[HOST].pages[HOST, HostId(HOST)] = MemoryPages()
    if restored:
        bench.world.chronicle.restored()
    bench.act("shutdown", None, told_epoch=2, highest_epoch=3)
    assert bench.broken == [
        f"shutdown of {VM} on home under epoch 2, and an agent of it was told 3"
    ]
    pages.lose()
    bench.act("shutdown", None, told_epoch=2, highest_epoch=3)
    assert len(bench.broken) == (1 if restored else 2)


def test_a_generation_that_was_written_is_never_followed_by_a_lower_one() -> None:
    bench = Bench(HighWater)
    bench.act("mark", mark(5))
    bench.act("mark", mark(5))
    bench.act("mark", mark(7))
    assert bench.broken == []
    bench.act("mark", mark(6))
    assert bench.broken == [f"{VM} on home is marked with generation 6, and 7 was written before"]


def test_the_same_generation_with_another_signature_is_another_mark() -> None:
    bench = Bench(HighWater)
    bench.act("mark", mark(5))
    again = mark(5)
    other = msgspec.structs.replace(again.mark, signature=b"x" * 64)
    bench.act("mark", msgspec.structs.replace(again, mark=other))
    assert len(bench.broken) == 1


def test_of_a_restored_database_only_the_marks_that_are_borne_are_asked() -> None:
    bench = Bench(HighWater)
    bench.act("mark", mark(5))
    bench.world.chronicle.restored()
    bench.act("mark", mark(4))
    assert bench.broken == []


def test_a_mark_that_is_borne_counts_after_a_restoration_too() -> None:
    bench = Bench(HighWater)
    borne = msgspec.structs.replace(MARK, generation="9", signature="ab" * 64)
    bench.truth.written[VM].add(borne)
    _ = bench.world.hosts[HOST].hypervisor.define(VM, "web", mark=borne)
    bench.world.chronicle.restored()
    bench.act("mark", mark(10))
    assert bench.broken == []
    bench.act("mark", mark(9))
    assert len(bench.broken) == 1


@pytest.mark.parametrize("number", ["generation", "mark_generation"])
def test_no_number_of_a_record_goes_back(number: str) -> None:
    bench = Bench(HighWater)
    bench.write(record(**{number: 5}))
    bench.write(record(**{number: 6}))
    assert bench.broken == []
    bench.write(record(**{number: 5}))
    assert len(bench.broken) == 1
    assert number in bench.broken[0]
