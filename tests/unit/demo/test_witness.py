"""The witness: a process that changed by no expected hand is a surprise, and stays one."""

from uuid import UUID, uuid4

import pytest

from vmuster.demo import witness as module
from vmuster.demo.witness import Witness


class Host:
    """The processes of a host, as a test sets them."""

    def __init__(self) -> None:
        self.pids: dict[UUID, int] = {}

    def guest_pids(self) -> dict[UUID, int]:
        return dict(self.pids)


VM = uuid4()


def watching() -> tuple[Host, Witness]:
    host = Host()
    host.pids[VM] = 100
    witness = Witness([host])  # pyright: ignore[reportArgumentType]  # all that it asks of a host
    witness.watch("web-01", VM, "stranger")
    return host, witness


def test_the_same_process_is_no_surprise() -> None:
    _, witness = watching()
    assert witness.look("later") == []


@pytest.mark.parametrize("pid", [None, 101])
def test_a_process_that_ended_or_was_replaced_by_nobody_we_know_is_a_surprise(
    pid: int | None,
) -> None:
    host, witness = watching()
    host.pids = {} if pid is None else {VM: pid}
    assert len(witness.look("later")) == 1
    assert witness.look("later still") == []
    assert len(witness.surprises) == 1
    assert "NOBODY KNOWS" in witness.watched[VM].ended_by[0]


def test_what_our_own_hand_does_is_written_down_and_no_surprise() -> None:
    host, witness = watching()
    with witness.expecting(VM, "the demo's hand: powered off", running=False):
        host.pids.clear()
    with witness.expecting(VM, "the demo's hand: powered on", running=True):
        host.pids[VM] = 102
    assert witness.look("later") == []
    assert witness.watched[VM].ended_by == ["the demo's hand: powered off"]
    assert witness.watched[VM].pid == 102


def test_an_act_that_does_not_happen_is_said_to_have_failed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _, witness = watching()
    monkeypatch.setattr(module, "_PATIENCE_SECONDS", 0.0)
    with (
        pytest.raises(TimeoutError, match="web-01"),
        witness.expecting(VM, "nothing", running=False),
    ):
        pass
