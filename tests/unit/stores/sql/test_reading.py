"""Every look-up of the port goes through an index, and none grows with what is asked for."""

import asyncio
from pathlib import Path
from uuid import UUID

import pytest

from tests.conformance.stores.rows import house
from tests.loaded import load_host, strangers
from tests.parts import CLUSTER, HOST, NOW, OTHER, VM
from tests.plans import LookUp, plans_of, statements_of
from vmuster.model.automation import HeldPlan, HoldState
from vmuster.model.commands import OutboxCommand
from vmuster.model.host import Host
from vmuster.model.ids import VmUuid
from vmuster.model.journal import JournalEntry
from vmuster.model.keys import ApiKey, Credential
from vmuster.model.operations import Operation
from vmuster.model.states import OperationState, Standing
from vmuster.model.vm import Sighting, VmRecord
from vmuster.ports.store import HostAsked
from vmuster.stores.sql.opening import open_sqlite
from vmuster.stores.sql.questions import SLICE

MANY = [VmUuid(UUID(int=n)) for n in range(2 * SLICE + 1)]

LOOK_UPS: dict[str, LookUp] = {
    "load_host": lambda store: load_host(store, HOST, [VM], ["a"], NOW),
    "load_host, many": lambda store: load_host(store, HOST, MANY, [str(u) for u in MANY], NOW),
    "a vm": lambda store: store.get(VmRecord, VM),
    "a sighting": lambda store: store.get(Sighting, HOST, VM),
    "a command": lambda store: store.get(OutboxCommand, VM),
    "an entry": lambda store: store.get(JournalEntry, 5),
    "vms of a host": lambda store: store.find(VmRecord, host=HOST),
    "vms of a cluster": lambda store: store.find(VmRecord, cluster=CLUSTER),
    "a live name": lambda store: store.find(VmRecord, name="a", removed_at=None),
    "a name": lambda store: store.find(VmRecord, name="a"),
    "all vms": lambda store: store.find(VmRecord, limit=5),
    "hosts of a cluster": lambda store: store.find(Host, cluster=CLUSTER),
    "a host by uuid": lambda store: store.find(Host, uuid=VM),
    "sightings of a vm": lambda store: store.find(Sighting, uuid=VM),
    "sightings by standing": lambda store: store.find(Sighting, standing=Standing.ALIEN),
    "open operations": lambda store: store.find(Operation, state=OperationState.PENDING),
    "operations of a vm": lambda store: store.find(Operation, vm=VM),
    "a repeated request": lambda store: store.find(Operation, idempotency_key="k"),
    "newest operations": lambda store: store.find(Operation, newest_first=True, limit=5),
    "commands to send": lambda store: store.unanswered(HOST),
    "what an agent is asked about": lambda store: store.known_on(HOST),
    "journal of a vm": lambda store: store.find(JournalEntry, vm=VM, newest_first=True),
    "journal of a host": lambda store: store.find(JournalEntry, host=HOST, newest_first=True),
    "journal of an operation": lambda store: store.find(JournalEntry, operation=VM),
    "newest entries": lambda store: store.find(JournalEntry, newest_first=True, limit=5),
    "a held plan": lambda store: store.find(HeldPlan, id=VM),
    "plans that are held": lambda store: store.find(HeldPlan, state=HoldState.HELD),
    "a credential": lambda store: store.get(Credential, "root"),
    "a key by digest": lambda store: store.find(ApiKey, digest="0"),
}


_FEW = {"SCAN fleet", "SCAN acts"}
"""One row; and, for each host, what was counted in an index."""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the fewest rows that load_host can do with."""
    path = tmp_path_factory.mktemp("plans") / "vmuster.db"

    async def fill() -> None:
        store = open_sqlite(path)
        await store.commit([house()])
        await store.close()

    asyncio.run(fill())
    return path


@pytest.mark.parametrize("name", LOOK_UPS)
def test_a_look_up_uses_an_index(path: Path, name: str) -> None:
    plans = [step for plan in plans_of(path, LOOK_UPS[name]) for step in plan]
    assert plans
    reads_all = [
        step
        for step in plans
        if step.startswith("SCAN") and "USING" not in step and step not in _FEW
    ]
    # "newest entries" walk the journal by its own key, from the end, and stop at the limit.
    assert [step for step in reads_all if step != "SCAN journal"] == []
    assert (reads_all == []) or name == "newest entries"


def test_what_was_spent_is_counted_in_an_index_alone(path: Path) -> None:
    plans = [step for plan in plans_of(path, LOOK_UPS["load_host"]) for step in plan]
    index = "COVERING INDEX ix_outbox_automatic_created_at_act_host"
    assert [
        step for step in plans if f"{index} (automatic=? AND created_at>? AND created_at<?)" in step
    ]


def test_orphans_are_counted_among_what_is_shown_alone(path: Path) -> None:
    """An index of what is shown serves only who asks for it in the words of the index."""
    plans = [step for plan in plans_of(path, LOOK_UPS["load_host"]) for step in plan]
    index = "INDEX ix_sighting_standing_name_uuid_host_shown"
    assert [step for step in plans if f"{index} (standing=?)" in step]


def test_no_statement_grows_with_the_report(path: Path) -> None:
    many = statements_of(path, LOOK_UPS["load_host, many"])
    assert max(len(parameters) for _, parameters in many) <= SLICE + 3
    assert len(statements_of(path, LOOK_UPS["load_host"])) <= 14


def test_many_hosts_are_as_many_statements_as_one(path: Path) -> None:
    def asked(many: int, *, whole: bool) -> int:
        hosts = [
            HostAsked(host=host, vms=[VM], names=strangers("a"), whole=whole)
            for host in (HOST, OTHER)
        ]
        return len(statements_of(path, lambda store: store.load_hosts(hosts * many, NOW)))

    assert asked(1, whole=True) == asked(20, whole=True) <= 13
    assert asked(1, whole=False) == asked(20, whole=False) <= 10
