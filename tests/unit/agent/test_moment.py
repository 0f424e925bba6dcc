"""The moment of a deed: what each kind of order rests on."""

from tests.moments import MARK, START, STOPS, UNMARK
from vmuster.model.commands import MarkVm
from vmuster.model.states import ProofKind


def test_an_order_rests_on_the_host_and_the_vm_of_its_evidence() -> None:
    for moment in (*STOPS.values(), START, UNMARK):
        assert moment.evidence == (moment.settings.host, moment.live.uuid)
    assert MARK.evidence is None


def test_each_kind_of_order_says_which_mark_must_be_there() -> None:
    for moment in (STOPS[ProofKind.RECORD], STOPS[ProofKind.MARK], START, UNMARK):
        assert moment.expected_mark == moment.live.mark
    assert isinstance(MARK.command, MarkVm)
    assert MARK.expected_mark == MARK.command.replaces


def test_only_a_stop_by_name_rests_on_a_grant() -> None:
    granted = [moment for moment in (*STOPS.values(), START, MARK, UNMARK) if moment.grant]
    assert granted == [STOPS[ProofKind.NAME]]
