"""What is newer than a restored database is known by the commands that it has lost."""

import msgspec
import pytest

from tests.lawbench import Bench, mark, stop
from tests.parts import HOST, VM, observation
from vmuster.model.host import Fleet, Host, HostFacts
from vmuster.model.ids import CommandId
from vmuster.model.mark import write_mark
from vmuster.model.messages import Hello
from vmuster.sim.laws.forgotten import Forgotten
from vmuster.sim.laws.memory import Memory

LATE = mark(9, number=2)


def forgotten(**fleet: object) -> tuple[Bench, Forgotten]:
    """A stop was ordered before the copy was made, and a mark after it."""
    bench = Bench(Memory)
    bench.order(stop())
    row = bench.world.database.row(Fleet)
    assert row is not None
    bench.write(msgspec.structs.replace(row, **fleet))
    bench.world.database.back_up("monday")
    bench.issue(LATE)
    bench.world.database.restore("monday")
    return bench, Forgotten(bench.world)


def hello(bench: Bench, epoch: int = 1, *commands: CommandId, intake: int = 7) -> Hello:
    row = bench.world.database.row(Host, HOST)
    assert row is not None
    assert row.uuid is not None
    facts = HostFacts(
        uuid=row.uuid, boot_id="b", hypervisor="simulated", version="1", hostname=HOST
    )
    return Hello(host=HOST, facts=facts, epoch=epoch, intake=intake, commands=commands)


@pytest.mark.parametrize(
    ("epoch", "begun", "told"),
    [
        (1, (), ""),
        (1, (stop().id,), ""),
        (1, (LATE.id,), "home has begun 1 commands that it forgot"),
        (5, (), "home was told epoch 5, not 1"),
    ],
    ids=["nothing", "an old command", "a forgotten command", "an epoch"],
)
def test_an_agent_tells_what_was_forgotten(
    epoch: int, begun: tuple[CommandId, ...], told: str
) -> None:
    bench, lost = forgotten()
    assert lost.told(hello(bench, epoch, *begun)) == told


def test_a_mark_that_was_ordered_since_is_news_whatever_record_there_is() -> None:
    bench, lost = forgotten()
    look = bench.look(observation(mark=write_mark(LATE.mark)))
    assert lost.borne(look.report) == f"{VM} bears mark 9"
    older = bench.look(observation(mark=write_mark(mark(8).mark)))
    assert lost.borne(older.report) == ""


def test_what_a_person_left_behind_with_a_quarantine_is_no_news() -> None:
    bench, lost = forgotten(trusted=9)
    look = bench.look(observation(mark=write_mark(LATE.mark)))
    assert lost.borne(look.report) == ""
    assert lost.told(hello(bench, 5, intake=9)) == ""
    assert lost.told(hello(bench, 5, intake=10)) != ""
