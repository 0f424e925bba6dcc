"""What could have been known, from the accounts that were taken in."""

import msgspec

from tests.lawbench import Bench
from tests.parts import HOST, VM, host, observation
from vmuster.model.changes import Changes, Write
from vmuster.sim.laws.knowing import bears_ours, look_of, ran_through, shown, shown_running
from vmuster.sim.laws.ours import Ours
from vmuster.sim.world.truth import Committed


def test_a_commit_takes_in_the_look_whose_stamp_it_writes() -> None:
    bench = Bench(Ours)
    look = bench.look(observation())
    before = host()
    after = msgspec.structs.replace(before, epoch=1, sequence=1)

    def commit(*writes: Write) -> Committed:
        return Committed(at=0.0, process="server-1", changes=Changes(writes=writes))

    truth = bench.truth
    assert look_of(truth, commit(Write(before=before, after=after))) is look
    assert look_of(truth, commit(Write(before=after, after=after))) is None
    assert look_of(truth, commit(Write(before=after, after=before))) is None
    assert look_of(truth, commit()) is None


def test_a_vm_is_shown_with_or_without_our_mark() -> None:
    bench = Bench(Ours)
    report = bench.look(observation()).report
    assert shown(report, VM) == observation()
    assert bears_ours(bench.truth, report, VM)
    bare = bench.look(observation(mark=None), sequence=2).report
    assert not bears_ours(bench.truth, bare, VM)
    assert shown(bench.look(sequence=3).report, VM) is None


def test_a_vm_is_known_to_run_by_the_last_account_that_says_something_of_it() -> None:
    bench = Bench(Ours)
    bench.at(10.0)
    bench.runs()
    bench.at(20.0)
    bench.take(bench.look(observation()))
    bench.at(30.0)
    bench.take(bench.look(sequence=2))
    known = shown_running(bench.truth, HOST, VM, 40.0)
    assert known is not None
    assert known.at == 20.0
    assert shown_running(bench.truth, HOST, VM, 20.0) is None
    bench.take(bench.look(sequence=3, absent=(VM,)))
    assert shown_running(bench.truth, HOST, VM, 40.0) is None


def test_a_vm_ran_through_a_look_from_before_it_began_until_it_was_sent() -> None:
    bench = Bench(Ours)
    bench.at(10.0)
    bench.runs()
    bench.at(20.0)
    bench.ends()
    for began, sent, through in ((12, 18, True), (10, 20, True), (9, 15, False), (15, 21, False)):
        bench.at(sent)
        assert ran_through(bench.truth, bench.look(began=began), VM) is through
