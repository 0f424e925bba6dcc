"""A command is told with the rows of the moment at which it became durable."""

from tests.lawbench import SERVER, Bench, stop
from tests.parts import CLUSTER, HOST, record
from vmuster.model.commands import OutboxCommand
from vmuster.sim.laws.issuing import Issued, issued
from vmuster.sim.laws.ours import Ours
from vmuster.sim.world.truth import Committed, Silent


class Listening(Silent):
    def __init__(self, bench: Bench) -> None:
        self.found: list[Issued] = []
        self._bench = bench

    def committed(self, commit: Committed) -> None:
        self.found += issued(self._bench.world.database, commit)


def test_a_new_command_is_told_once() -> None:
    bench = Bench(Ours)
    listening = Listening(bench)
    bench.world.chronicle.watchers.append(listening)
    bench.at(7.0)
    bench.order(stop())
    sent = bench.world.database.row(OutboxCommand, stop().id)
    assert sent is not None
    bench.write(sent)
    bench.write(record())
    (found,) = listening.found
    assert (found.command, found.at, found.process) == (stop(), 7.0, SERVER)
    assert found.host is not None
    assert found.cluster is not None
    assert found.fleet is not None
    assert (found.host.id, found.cluster.name, found.record) == (HOST, CLUSTER, None)
