"""The ledger of what truly happened."""

from uuid import UUID

from vmuster.model.ids import VmUuid
from vmuster.sim.world.truth import Run, Silent, Truth

VM = VmUuid(UUID(int=1))


def test_who_runs_where_and_since_when() -> None:
    truth = Truth()
    ended = Run(host="alpha", vm=VM, began=1.0, ended=5.0)
    truth.runs["alpha", VM] = [ended]
    assert truth.running("alpha", VM) is None
    assert not truth.ran_throughout("alpha", VM, 2.0)
    truth.runs["alpha", VM].append(Run(host="alpha", vm=VM, began=6.0))
    assert truth.ran_throughout("alpha", VM, 6.0)
    assert not truth.ran_throughout("alpha", VM, 5.5)
    assert truth.runs_on(VM, ["beta", "alpha"]) == ("alpha",)


def test_who_watches_silently_needs_no_word_of_it() -> None:
    silent = Silent()
    silent.restored()
    silent.served("server-1")
    silent.stale("server-1", "a row is no longer current")
    silent.died("server-1", "killed")
    silent.logged("server-1", {"event": "a round was given up"})
    silent.failed("server-1", ValueError())
