"""What a guest or its owner can write is shown, and never asked who somebody is (T27)."""

from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.parts import NAME, grant, host, operation
from tests.worlds import (
    World,
    alien,
    but,
    duplicate,
    ghost,
    lookalike,
    marked,
    moved,
    orphan,
    owned,
    owned_stopped,
)
from vmuster.model.commands import StopVm
from vmuster.model.host import HostFacts
from vmuster.model.ids import HostUuid
from vmuster.model.states import MarkVerdict, OperationKind, ProofKind, Standing
from vmuster.reconcile.identity import refused

WITH_IDENTITY = {
    "owned": owned(),
    "owned-stopped": owned_stopped(),
    "ghost": ghost(),
    "orphan": orphan(),
    "moved": moved(),
    "duplicate": duplicate(),
    **{verdict: marked(verdict) for verdict in MarkVerdict if verdict is not MarkVerdict.OURS},
}
texts = st.text(max_size=80) | st.sampled_from([NAME, "i-2-78-VM", "db-01", str(owned().uuid)])


def renamed(world: World, seen: str, record: str) -> World:
    """`world` under another name, and with another name and label in its record."""
    return but(
        world,
        seen={"name": seen},
        here={"name": seen},
        record={"name": record, "label": record} if world.record else None,
    )


def stands(world: World) -> tuple[object, ...]:
    """What a VM is, and what is done and why it may be, without any name in it."""
    decision = world.decision()
    acts = tuple(
        (type(command), command.vm, getattr(command, "proof", None))
        for command in world.plan().commands
    )
    return decision.standing, decision.finding, acts


@pytest.mark.parametrize("kind", WITH_IDENTITY)
@given(seen=texts, record=texts, asked=st.booleans())
def test_a_vm_with_a_record_or_a_mark_is_what_it_is_under_any_name(
    kind: str, seen: str, record: str, asked: bool
) -> None:
    stop = operation(OperationKind.STOP) if asked else None
    world = but(WITH_IDENTITY[kind], operation=stop)
    assert stands(renamed(world, seen, record)) == stands(world)


@given(name=texts)
def test_a_name_alone_makes_a_stranger_of_one_kind_or_the_other(name: str) -> None:
    """And a stranger is ended only by a person's leave, which is for names of ours."""
    without_leave = but(renamed(alien(), name, ""), grant=None)
    assert without_leave.decision().standing in (Standing.ALIEN, Standing.LOOKALIKE)
    assert without_leave.plan().commands == ()
    for command in renamed(lookalike(), name, "").plan().commands:
        assert isinstance(command, StopVm)
        assert (command.proof.kind, command.proof.grant) == (ProofKind.NAME, grant())


@given(hostname=st.text(max_size=80), known=st.integers(1, 2), said=st.integers(1, 2))
def test_a_host_is_known_by_its_uuid_whatever_it_is_called(
    hostname: str, known: int, said: int
) -> None:
    facts = HostFacts(
        uuid=HostUuid(UUID(int=known)), boot_id="b", hypervisor="q", version="1", hostname=hostname
    )
    host_ = msgspec.structs.replace(host(), name=hostname, uuid=facts.uuid, facts=facts)
    assert (refused(host_, HostUuid(UUID(int=said))) == "") is (known == said)
