"""Each check of a proof refuses by itself, and without it something unproven would pass.

Every world here is fully proved but for one flaw. A check without a flaw of its own fails.
"""

from collections.abc import Iterator, Mapping
from uuid import UUID

import msgspec
import pytest

from tests.parts import HOST, MARK, OTHER, VM, copy_elsewhere, grant, record
from tests.worlds import World, but, ghost, lookalike, owned, owned_stopped
from vmuster.model.commands import HomeClearance, OwnershipProof, Unproven
from vmuster.model.ids import ClusterName, VmUuid
from vmuster.model.mark import MarkJudgement
from vmuster.model.states import (
    Completeness,
    MarkVerdict,
    PowerReason,
    PowerState,
    ProofKind,
    Standing,
    UnknownVms,
)
from vmuster.reconcile import ownership
from vmuster.reconcile.ownership import CHECKS, CLEARANCE_CHECKS, LEFT, Check, Claim, clear, prove

NOT_OURS = sorted(set(MarkVerdict) - {MarkVerdict.OURS})
_NEWER = "its mark is newer than our records: adopt it again, it is signed anew then"
ANOTHER = VmUuid(UUID(int=99))
VALID = {
    ProofKind.RECORD: owned().claim(Standing.OWNED),
    ProofKind.MARK: ghost().claim(Standing.GHOST),
    ProofKind.NAME: lookalike().claim(Standing.LOOKALIKE),
}
CLEARED = owned_stopped().claim(Standing.OWNED)


def claims(world: World, standing: Standing, *flaws: Mapping[str, object]) -> list[Claim]:
    return [but(world, **flaw).claim(standing) for flaw in flaws]


def not_here(valid: Claim) -> dict[str, list[Claim]]:
    """Flaws of a report that is not this host's account of this very VM."""
    assert valid.pair.seen is not None
    another = msgspec.structs.replace(valid.pair.seen, uuid=ANOTHER)
    of_another = msgspec.structs.replace(valid.pair, seen=another)
    old_epoch = msgspec.structs.replace(valid.report, epoch=0)
    other_host = msgspec.structs.replace(valid.report, host=OTHER)
    return {
        "the report does not show it": [msgspec.structs.replace(valid, pair=of_another)],
        "the report is not this host's own, of this connection": [
            msgspec.structs.replace(valid, report=report) for report in (old_epoch, other_host)
        ],
    }


def mark_flaws(world: World, standing: Standing) -> dict[str, list[Claim]]:
    bad = [MarkJudgement(verdict=verdict, generation=1) for verdict in NOT_OURS]
    newer = {"mark": MarkJudgement(verdict=MarkVerdict.OURS, generation=2)}
    return {
        "its mark is not a good mark of ours": claims(world, standing, *({"mark": m} for m in bad)),
        _NEWER: claims(world, standing, newer),
    }


def home_flaws(world: World) -> dict[str, list[Claim]]:
    """Flaws of a VM that ours should be the only one of, and at home."""
    strange = msgspec.structs.replace(world.pair, record=record(uuid=ANOTHER))
    stopped = copy_elsewhere(power=PowerState.STOPPED, active_since=0)
    return {
        "no live record says that it lives here": [
            *claims(world, Standing.OWNED, {"record": {"host": OTHER}}),
            *claims(world, Standing.OWNED, {"record": {"removed_at": 5.0}}),
            msgspec.structs.replace(world.claim(Standing.OWNED), pair=strange),
        ],
        "the same VM is also seen on another host": claims(
            world, Standing.OWNED, {"elsewhere": (copy_elsewhere(),)}, {"elsewhere": (stopped,)}
        ),
    }


def stray_flaws(world: World, standing: Standing) -> dict[str, list[Claim]]:
    """Flaws of a stranger that may be stopped only by a person's leave."""
    rungs = [
        {"policy": {"unknown_vms": rung}}
        for rung in UnknownVms
        if rung is UnknownVms.LEAVE
        or (standing is Standing.LOOKALIKE and rung is UnknownVms.STOP_BY_MARK)
    ]
    powers = [{"seen": {"power": p}} for p in PowerState if p is not PowerState.RUNNING]
    return {
        "no person allows it: unknown_vms": claims(world, standing, *rungs),
        "it is not plainly running": claims(world, standing, *powers),
        "it was not yet seen in enough complete reports in a row": claims(
            world,
            standing,
            {"completeness": Completeness.PARTIAL},
            {"here": None},
            {"here": {"complete_reports": 0}},
            {"here": {"standing": Standing.UNPROVEN}},
            {"policy": {"seen_before_stop": 4}},
        ),
        "VMs with our mark and no record are in this cluster: our records may be old": claims(
            world, standing, {"orphans": 1}
        ),
    }


NOT_OUR_NAMES = ["web-01", "i-9-99-OTHER", "i-2-78-VM-untagged", "i-2-٧-VM", "i-02-78-VM", ""]
FLAWS: dict[ProofKind, dict[str, list[Claim]]] = {
    ProofKind.RECORD: {
        **not_here(VALID[ProofKind.RECORD]),
        **mark_flaws(owned(), Standing.OWNED),
        **home_flaws(owned()),
        LEFT: claims(
            owned(),
            Standing.OWNED,
            {"elsewhere": (copy_elsewhere(absent=True, standing=Standing.DUPLICATE),)},
        ),
    },
    ProofKind.MARK: {
        **not_here(VALID[ProofKind.MARK]),
        **mark_flaws(ghost(), Standing.GHOST),
        **stray_flaws(ghost(), Standing.GHOST),
        "no tombstone of ours exists for it": claims(
            ghost(), Standing.GHOST, {"record": {"removed_at": None}}
        ),
    },
    ProofKind.NAME: {
        **not_here(VALID[ProofKind.NAME]),
        **stray_flaws(lookalike(), Standing.LOOKALIKE),
        "there is a record of it": claims(
            lookalike(),
            Standing.LOOKALIKE,
            {"record": record()},
            {"record": record(removed_at=5.0)},
        ),
        "it bears a mark": claims(
            lookalike(),
            Standing.LOOKALIKE,
            *(
                {"mark": MarkJudgement(verdict=verdict)}
                for verdict in MarkVerdict
                if verdict is not MarkVerdict.NONE
            ),
        ),
        "its name is not one that we would give": claims(
            lookalike(), Standing.LOOKALIKE, *({"seen": {"name": n}} for n in NOT_OUR_NAMES)
        ),
        "no person's grant for this cluster is on record": claims(
            lookalike(),
            Standing.LOOKALIKE,
            {"grant": None},
            {"grant": msgspec.structs.replace(grant(), cluster=ClusterName("another"))},
            {"grant": msgspec.structs.replace(grant(), instance="OTHER")},
        ),
    },
}
CLEARANCE_FLAWS: dict[str, list[Claim]] = {
    **not_here(CLEARED),
    **mark_flaws(owned_stopped(), Standing.OWNED),
    **home_flaws(owned_stopped()),
    "it left this host by a migration, and may run where it went": claims(
        owned_stopped(),
        Standing.OWNED,
        {"seen": {"reason": PowerReason.MIGRATED}},
        {
            "seen": {"reason": PowerReason.UNKNOWN},
            "record": {"power": PowerState.STOPPED, "reason": PowerReason.MIGRATED},
        },
    ),
    LEFT: claims(owned_stopped(), Standing.OWNED, {"elsewhere": (copy_elsewhere(absent=True),)}),
    "it may be running on another host": claims(
        owned_stopped(),
        Standing.OWNED,
        *({"elsewhere": (copy_elsewhere(mark=verdict),)} for verdict in NOT_OURS),
        {"elsewhere": (copy_elsewhere(mark=MarkVerdict.NONE, power=PowerState.UNKNOWN),)},
    ),
    "the report is not a complete one": claims(
        owned_stopped(), Standing.OWNED, {"completeness": Completeness.PARTIAL}
    ),
    "its standing is not owned": [
        owned_stopped().claim(standing) for standing in Standing if standing is not Standing.OWNED
    ],
    "it is not plainly stopped": claims(
        owned_stopped(),
        Standing.OWNED,
        {"seen": {"power": PowerState.RUNNING}},
        {"seen": {"power": PowerState.UNKNOWN}},
        {"seen": {"power": PowerState.PAUSED, "reason": PowerReason.MIGRATING}},
    ),
}


def proof_cases() -> Iterator[tuple[ProofKind, Check, Claim | None]]:
    """Each check with each of its flawed claims; None where a check has no flaw yet."""
    for kind, checks in CHECKS.items():
        for check in checks:
            for claim in FLAWS[kind].get(check.reason, [None]):
                yield kind, check, claim


def clearance_cases() -> Iterator[tuple[Check, Claim | None]]:
    for check in CLEARANCE_CHECKS:
        for claim in CLEARANCE_FLAWS.get(check.reason, [None]):
            yield check, claim


@pytest.mark.parametrize("kind", ProofKind)
def test_the_unbroken_world_is_proved(kind: ProofKind) -> None:
    marked = kind is not ProofKind.NAME
    assert prove(VALID[kind]) == OwnershipProof(
        kind=kind,
        host=HOST,
        vm=VM,
        epoch=1,
        sequence=10,
        mark=MARK if marked else None,
        mark_generation=1 if marked else 0,
        grant=None if marked else grant(),
    )


def test_the_unbroken_world_is_cleared() -> None:
    assert clear(CLEARED) == HomeClearance(host=HOST, vm=VM, epoch=1, sequence=10, mark=MARK)


@pytest.mark.parametrize("world", [ghost(), lookalike()])
def test_a_stray_is_proved_by_the_very_report_that_makes_it_enough(world: World) -> None:
    standing = world.decision().standing
    assert standing is not None
    for reports, proved in ((1, True), (0, False)):
        claim = but(world, here={"complete_reports": reports}).claim(standing)
        assert isinstance(prove(claim), OwnershipProof) is proved


def test_where_much_is_lacking_the_first_reason_that_lasts_is_said() -> None:
    """Every check can judge any claim, whatever else is lacking."""
    nothing = but(owned_stopped(), record=None).claim(Standing.OWNED)
    words = "no live record says that it lives here"
    assert clear(nothing) == prove(nothing) == Unproven(reason=words)
    unseen = but(owned_stopped(), seen=None).claim(Standing.OWNED)
    words = "the report does not show it"
    assert clear(unseen) == prove(unseen) == Unproven(reason=words)


@pytest.mark.parametrize(("kind", "check", "claim"), [*proof_cases()])
def test_each_check_of_a_proof_stands_alone(
    kind: ProofKind, check: Check, claim: Claim | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert claim is not None, "a check needs a world in which it alone refuses"
    assert prove(claim) == Unproven(reason=check.reason, passing=check.passing)
    others = tuple(other for other in CHECKS[kind] if other is not check)
    monkeypatch.setitem(CHECKS, kind, others)
    assert isinstance(prove(claim), OwnershipProof)


@pytest.mark.parametrize(("check", "claim"), [*clearance_cases()])
def test_each_check_of_a_clearance_stands_alone(
    check: Check, claim: Claim | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert claim is not None, "a check needs a world in which it alone refuses"
    assert clear(claim) == Unproven(reason=check.reason, passing=check.passing)
    others = tuple(other for other in CLEARANCE_CHECKS if other is not check)
    monkeypatch.setattr(ownership, "CLEARANCE_CHECKS", others)
    assert isinstance(clear(claim), HomeClearance)


def test_no_flaw_is_of_a_check_that_is_gone() -> None:
    for kind, flaws in FLAWS.items():
        assert flaws.keys() == {check.reason for check in CHECKS[kind]}
    assert CLEARANCE_FLAWS.keys() == {check.reason for check in CLEARANCE_CHECKS}
