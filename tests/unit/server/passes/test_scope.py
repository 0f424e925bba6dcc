"""What of an account is judged: what is new, what is gone and who is restless, and nothing else."""

from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmuster.model.ids import VmUuid
from vmuster.model.report import Account
from vmuster.model.states import Completeness, PowerState
from vmuster.model.vm import VmObservation
from vmuster.server.passes.scope import Scope, lines_of, scope_of

ONE, TWO, THREE = (VmUuid(UUID(int=number)) for number in (1, 2, 3))


def seen(vm: VmUuid, power: PowerState = PowerState.RUNNING) -> VmObservation:
    return VmObservation(uuid=vm, name=f"vm-{vm.int}", power=power)


def account(*vms: VmObservation, **said: object) -> Account:
    whole = Account(boot_id="b", completeness=Completeness.COMPLETE, vms=vms)
    return msgspec.structs.replace(whole, **said)


def sent(said: Account) -> memoryview:
    return memoryview(msgspec.json.encode(said))


def scope(before: Account, after: Account, *restless: VmUuid) -> Scope | None:
    lines = lines_of(sent(before))
    assert lines is not None
    return scope_of(sent(after), lines, restless)


def found(before: Account, after: Account, *restless: VmUuid) -> Scope:
    scoped = scope(before, after, *restless)
    assert scoped is not None
    return scoped


def test_of_what_is_as_before_nothing_is_judged() -> None:
    said = account(seen(ONE), seen(TWO))
    scoped = found(said, said)
    assert (scoped.vms, scoped.vanished, scoped.others) == ((), (), 2)
    assert len(scoped.lines) == 2


def test_a_vm_is_remembered_in_24_bytes_however_much_is_said_of_it() -> None:
    long = msgspec.structs.replace(seen(TWO), name="x" * 200)
    lines = lines_of(sent(account(seen(ONE), long, seen(THREE))))
    assert lines is not None
    assert len(lines.packed) == 3 * 24


def test_the_order_in_which_vms_are_named_says_nothing() -> None:
    scoped = found(account(seen(ONE), seen(TWO)), account(seen(TWO), seen(ONE)))
    assert (scoped.vms, scoped.vanished, scoped.others) == ((), (), 2)


def test_what_is_new_is_judged() -> None:
    off = seen(ONE, PowerState.STOPPED)
    scoped = found(account(seen(ONE), seen(TWO)), account(off, seen(TWO), seen(THREE)))
    assert scoped.vms == (off, seen(THREE))
    assert (scoped.vanished, scoped.others, len(scoped.lines)) == ((), 1, 3)


def test_what_is_gone_is_judged() -> None:
    scoped = found(account(seen(ONE), seen(TWO)), account(seen(TWO)))
    assert (scoped.vms, scoped.vanished, scoped.others) == ((), (ONE,), 1)


def test_who_is_restless_is_judged_again_seen_or_not() -> None:
    said = account(seen(ONE), seen(TWO))
    scoped = found(said, said, ONE, THREE)
    assert (scoped.vms, scoped.vanished, scoped.others) == ((seen(ONE),), (THREE,), 1)


def test_what_was_found_is_what_is_remembered() -> None:
    off = seen(ONE, PowerState.STOPPED)
    first, second = account(seen(ONE), seen(TWO)), account(off, seen(THREE))
    lines = found(first, second).lines
    again = scope_of(sent(second), lines, ())
    assert again is not None
    assert (again.vms, again.vanished, again.others) == ((), (), 2)
    back = scope_of(sent(first), lines, ())
    assert back is not None
    assert (back.vms, back.vanished, back.others) == ((seen(ONE), seen(TWO)), (THREE,), 0)


@pytest.mark.parametrize(
    "change",
    [
        {"boot_id": "another boot"},
        {"completeness": Completeness.PARTIAL},
        {"absent": (THREE,)},
        {"doubts": ("one could not be read",)},
        {"vms": (seen(ONE), seen(ONE, PowerState.STOPPED))},
        {"vms": (seen(ONE), seen(ONE))},
        {"vms": (seen(THREE), seen(THREE))},
    ],
)
def test_anything_else_is_judged_whole(change: dict[str, object]) -> None:
    before = account(seen(ONE))
    assert scope(before, msgspec.structs.replace(before, **change)) is None


@pytest.mark.parametrize(
    "change",
    [
        {"completeness": Completeness.PARTIAL},
        {"absent": (THREE,)},
        {"doubts": ("one could not be read",)},
    ],
)
def test_an_account_that_is_not_whole_is_not_remembered(change: dict[str, object]) -> None:
    assert lines_of(sent(account(seen(ONE), **change))) is None


@pytest.mark.parametrize(
    "sent", [b"", b"{}", b'{"boot_id":"b","completeness":"complete","vms":[{}]}']
)
def test_bytes_that_are_no_account_are_refused(sent: bytes) -> None:
    lines = lines_of(memoryview(msgspec.json.encode(account(seen(ONE)))))
    assert lines is not None
    with pytest.raises(msgspec.MsgspecError):
        scope_of(memoryview(sent), lines, ())


fleets = st.dictionaries(
    st.integers(1, 8).map(lambda number: VmUuid(UUID(int=number))),
    st.sampled_from([PowerState.RUNNING, PowerState.STOPPED, PowerState.PAUSED]),
)


@given(fleets, fleets, st.sets(st.integers(1, 9).map(lambda n: VmUuid(UUID(int=n)))))
def test_every_vm_is_judged_or_as_before(
    before: dict[VmUuid, PowerState], after: dict[VmUuid, PowerState], restless: set[VmUuid]
) -> None:
    first, second = ([seen(vm, power) for vm, power in each.items()] for each in (before, after))
    scoped = found(account(*first), account(*second), *restless)
    differing = {vm for vm in after if after[vm] is not before.get(vm)}
    assert {vm.uuid: vm for vm in scoped.vms} == {
        vm.uuid: vm for vm in second if vm.uuid in differing | restless
    }
    assert set(scoped.vanished) == (before.keys() | restless) - after.keys()
    assert scoped.others == len(after) - len(scoped.vms)
