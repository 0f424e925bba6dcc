"""Checks of hosts and VMs, each with one thing that is wrong."""

from uuid import UUID

import msgspec
import pytest

from tests.checkups import DAY, HOST, NOW, RECORDS
from tests.parts import HOST as HOME
from tests.parts import held
from tests.unit.server.checkup.worlds import only, records, unwell
from vmuster.model.automation import Disarmed, HeldPlan, HoldState, Quarantine
from vmuster.model.host import Host, HostFacts, TlsProfile
from vmuster.model.ids import HostId, HostUuid
from vmuster.model.states import HostHealth, HostMode, OperationKind
from vmuster.server.checkup.hosts import HOSTS

LONG_AGO = Disarmed(by="ann", at=NOW - 8 * DAY)


def host(**changes: object) -> Host:
    return msgspec.structs.replace(HOST, **changes)


def facts(version: str) -> HostFacts:
    return HostFacts(
        uuid=HostUuid(UUID(int=7)), boot_id="b", hypervisor="QEMU", version=version, hostname="h"
    )


def waiting(**changes: object) -> tuple[HeldPlan, ...]:
    plan = held([OperationKind.STOP], held_at=NOW - 2 * DAY)
    return (msgspec.structs.replace(plan, **changes),)


def fleet(**changes: object) -> object:
    return msgspec.structs.replace(RECORDS.fleet, **changes)


def test_a_healthy_fleet_is_well() -> None:
    assert unwell(HOSTS, records()) == []


@pytest.mark.parametrize(
    ("changes", "name", "verdict"),
    [
        (
            {"fleet": fleet(quarantine=Quarantine(since=1.0, evidence=("a mark",), highest=9))},
            "quarantine",
            "failed",
        ),
        ({"fleet": fleet(disarmed=LONG_AGO)}, "disarmed", "warning"),
        ({"hosts": (host(disarmed=LONG_AGO),)}, "disarmed", "warning"),
        ({"held": waiting()}, "held plans", "warning"),
        ({"hosts": (host(health=HostHealth.SUSPECT),)}, "health", "failed"),
        ({"hosts": (host(trouble="its list is not whole"),)}, "trouble", "warning"),
        ({"hosts": (host(claims=HostUuid(UUID(int=8))),)}, "identity", "failed"),
        (
            {"hosts": (host(last_complete_at=None, health=HostHealth.SUSPECT),)},
            "accounts",
            "warning",
        ),
        ({"hosts": (host(profile=TlsProfile(address="east")),)}, "witness", "warning"),
        (
            {
                "hosts": (
                    host(facts=facts("9.0")),
                    host(id=HostId("b"), name="b", facts=facts("8.2")),
                )
            },
            "versions",
            "warning",
        ),
        ({"hosts": (host(mode=HostMode.OBSERVE),), "ours": {HOME: 2}}, "mode", "warning"),
        ({"standings": {"orphan": 1}}, "standing", "warning"),
        ({"standings": {"duplicate": 1}}, "standing", "warning"),
        ({"standings": {"clone": 1}}, "standing", "warning"),
    ],
    ids=str,
)
def test_one_thing_is_wrong(changes: dict[str, object], name: str, verdict: str) -> None:
    assert only(HOSTS, records(**changes)) == (name, verdict)


@pytest.mark.parametrize(
    "changes",
    [
        {"hosts": (host(disarmed=Disarmed(by="ann", at=NOW - DAY)),)},
        {"held": waiting(held_at=NOW - 60)},
        {"held": waiting(state=HoldState.REJECTED)},
        {"hosts": (host(mode=HostMode.OBSERVE),)},
        {"hosts": ()},
    ],
    ids=str,
)
def test_what_is_no_fault(changes: dict[str, object]) -> None:
    assert unwell(HOSTS, records(**changes)) == []


def test_versions_may_differ_between_clusters() -> None:
    other = host(id=HostId("b"), name="b", cluster="other", facts=facts("8.2"))
    assert unwell(HOSTS, records(hosts=(host(facts=facts("9.0")), other))) == []
