"""What goes wrong on the way to a simulated daemon. (Against the real one: tests/conformance.)"""

from collections.abc import Callable
from uuid import UUID

import pytest

from vmuster.drivers.simulated.hypervisor import Hang, SimulatedHypervisor
from vmuster.drivers.simulated.reach import Reach
from vmuster.model.ids import HostUuid, VmUuid
from vmuster.ports.driver import DriverError

VM = VmUuid(UUID(int=1))
STEPS: dict[str, Callable[[Reach], None]] = {
    "ping": lambda reach: reach.ping(),
    "look": lambda reach: reach.look(),
    "act": lambda reach: reach.act(VM),
    "deed": lambda reach: reach.deed(VM),
    "answer": lambda reach: reach.answer(VM),
}


def dead(hypervisor: SimulatedHypervisor) -> None:
    hypervisor.kill_daemon()


def gone(hypervisor: SimulatedHypervisor) -> None:
    hypervisor.faults.gone = True


def hung_before(hypervisor: SimulatedHypervisor) -> None:
    hypervisor.faults.hang = Hang.BEFORE


def hung_after(hypervisor: SimulatedHypervisor) -> None:
    hypervisor.faults.hang = Hang.AFTER


def restarted(hypervisor: SimulatedHypervisor) -> None:
    hypervisor.kill_daemon()
    hypervisor.start_daemon()


def another(hypervisor: SimulatedHypervisor) -> None:
    hypervisor.uuid = HostUuid(UUID(int=8))


BROKEN, UNKNOWN, FAILS = (True, False), (False, True), (False, False)
SILENT = {"ping": BROKEN, "look": BROKEN, "act": FAILS, "deed": UNKNOWN}
TABLE: dict[Callable[[SimulatedHypervisor], None], dict[str, tuple[bool, bool]]] = {
    dead: {"ping": BROKEN, "look": BROKEN, "act": BROKEN, "deed": (True, True)},
    gone: SILENT,
    hung_before: SILENT,
    hung_after: {"ping": BROKEN, "look": BROKEN, "answer": UNKNOWN},
    restarted: {"look": BROKEN, "act": BROKEN},
    another: {"ping": BROKEN, "act": BROKEN},
}
"""What goes wrong: of each step that fails by it, whether its error is `broken` and `unknown`."""


def opened() -> tuple[SimulatedHypervisor, Reach]:
    hypervisor = SimulatedHypervisor("home", HostUuid(UUID(int=7)))
    reach = Reach(hypervisor)
    reach.open()
    return hypervisor, reach


@pytest.mark.parametrize("step", STEPS)
def test_all_is_well_where_nothing_is_wrong(step: str) -> None:
    STEPS[step](opened()[1])


@pytest.mark.parametrize("fault", TABLE, ids=lambda fault: fault.__name__)
@pytest.mark.parametrize("step", STEPS)
def test_each_step_fails_by_what_it_meets(
    fault: Callable[[SimulatedHypervisor], None], step: str
) -> None:
    hypervisor, reach = opened()
    fault(hypervisor)
    if step not in TABLE[fault]:
        STEPS[step](reach)
        return
    with pytest.raises(DriverError) as error:
        STEPS[step](reach)
    assert (error.value.broken, error.value.unknown) == TABLE[fault][step]


def test_another_host_is_neither_opened_nor_a_sign_of_life() -> None:
    hypervisor, reach = opened()
    another(hypervisor)
    for _ in range(2):
        with pytest.raises(DriverError, match="another host answers now"):
            reach.open()
        with pytest.raises(DriverError, match="another host answers now"):
            reach.ping()
    with pytest.raises(DriverError, match="not connected"):
        reach.act(VM)


def test_before_it_is_opened_only_a_ping_reaches_the_daemon() -> None:
    reach = Reach(SimulatedHypervisor("home", HostUuid(UUID(int=7))))
    reach.ping()
    for step in ("look", "act"):
        with pytest.raises(DriverError, match="not connected"):
            STEPS[step](reach)


def test_looks_that_hung_stay_hung_until_it_is_opened_anew() -> None:
    hypervisor, reach = opened()
    hypervisor.faults.gone = True
    with pytest.raises(DriverError):
        reach.look()
    with pytest.raises(DriverError):
        reach.open()
    hypervisor.faults.gone = False
    reach.open()
    reach.look()


@pytest.mark.parametrize(("begun", "words"), [(False, "hangs$"), (True, "may be done yet$")])
def test_no_act_begins_on_a_vm_while_another_hangs(begun: bool, words: str) -> None:
    hypervisor, reach = opened()
    hypervisor.faults.hang = Hang.BEFORE
    assert reach.given_up(VM, begun=begun).unknown is begun
    with pytest.raises(DriverError, match=words) as error:
        reach.act(VM)
    assert not error.value.unknown
    hypervisor.faults.hang = Hang.NO
    reach.act(VM)
