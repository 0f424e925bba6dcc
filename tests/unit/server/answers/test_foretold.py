"""What is foretold: field by field, in the words of an answer, and without a secret."""

import asyncio
from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from tests.outside import new_signer
from tests.parts import FLEET, NOW, grant, held, host, operation, record
from vmuster.model.changes import Changes, Guarded, Write
from vmuster.model.commands import MarkVm
from vmuster.model.host import Cluster
from vmuster.model.ids import ClusterName, CommandId, HostId
from vmuster.model.keys import ApiKey, Credential, CredentialKind
from vmuster.model.policy import Policy
from vmuster.model.states import HostMode, OperationKind, UnknownVms
from vmuster.server.answers import foretold as module
from vmuster.server.answers.foretold import HIDDEN, Foretold, foretold
from vmuster.server.requests.rehearsal import RowChange
from vmuster.stores.memory import MemoryStore

CLUSTER = Cluster(name=ClusterName("north"), policy=Policy(), created_at=NOW)


def told(*changes: tuple[Guarded | None, Guarded | None], entries: Sequence[str] = ()) -> Foretold:
    rows = [RowChange(before=before, after=after) for before, after in changes]
    return asyncio.run(foretold(MemoryStore(), rows, entries, []))


def fields(value: object) -> set[str]:
    return set(msgspec.convert(value, dict[str, object]))


def test_a_field_is_said_before_and_after() -> None:
    (line,) = told((host(), replace(host(), mode=HostMode.OBSERVE, version=9))).changes
    assert (line.kind, line.key, line.name, line.field) == ("host", "home", "home", "mode")
    assert (line.before, line.after) == ("manage", "observe")


def test_a_field_that_lies_deeper_is_said_with_its_way() -> None:
    after = replace(CLUSTER, policy=replace(Policy(), unknown_vms=UnknownVms.STOP_BY_MARK))
    (line,) = told((CLUSTER, after)).changes
    assert (line.field, line.before, line.after) == (
        "policy.unknown_vms",
        "leave",
        "stop-by-mark",
    )


def test_what_only_keeps_the_books_is_not_said() -> None:
    before = record()
    after = replace(before, name="new", generation=before.generation + 1, changed_at=NOW + 1)
    assert [line.field for line in told((before, after)).changes] == ["name"]
    asked = operation(OperationKind.STOP)
    assert told((asked, replace(asked, intake=asked.intake + 1))).changes == ()


def test_a_row_that_is_new_or_goes_is_one_line() -> None:
    new, gone = told((None, CLUSTER), (CLUSTER, None)).changes
    assert (new.field, new.before, gone.after) == ("", None, None)
    assert new.after == gone.before
    assert "version" not in fields(new.after)


def test_times_are_said_as_in_every_answer() -> None:
    after = replace(held([OperationKind.STOP]), decided_at=NOW)
    (line,) = told((held([OperationKind.STOP]), after)).changes
    assert (line.before, line.after) == (None, "1970-01-12T13:46:40.000000Z")
    policy = replace(Policy(), quiet_seconds=7.0)
    (line,) = told((CLUSTER, replace(CLUSTER, policy=policy))).changes
    assert line.after == 7.0


def test_no_signature_and_nothing_sealed_is_said() -> None:
    sealed = Credential(
        name="key", kind=CredentialKind.SSH, sealed=b"first", public="p", created_at=NOW
    )
    key = ApiKey(name="a", digest="d" * 64, created_at=NOW)
    lines = told(
        (CLUSTER, replace(CLUSTER, grant=grant())),
        (sealed, replace(sealed, sealed=b"second")),
        (None, key),
    ).changes
    granted, changed, made = lines
    assert "granted_by" in fields(granted.after)
    assert "signature" not in fields(granted.after)
    assert (changed.field, changed.before, changed.after) == ("sealed", HIDDEN, HIDDEN)
    assert not {"digest", "version"} & fields(made.after)


def test_commands_are_said_with_the_names_of_hosts() -> None:
    async def of_a_host() -> Foretold:
        store = MemoryStore()
        home = replace(host(), id=HostId("h-0123456789ab"), name="alpha")
        await store.commit(
            [
                Changes(
                    writes=(
                        Write(before=None, after=replace(CLUSTER, name=home.cluster)),
                        Write(before=None, after=home),
                    )
                )
            ]
        )
        wish = operation(OperationKind.ADOPT)
        commands = [
            MarkVm(
                id=CommandId(wish.id),
                operation=wish.id,
                host=host_id,
                epoch=1,
                vm=record().uuid,
                name="web",
                actor="ann",
                automatic=False,
                issued_at=NOW,
                valid_seconds=1.0,
                mark=new_signer().mark(FLEET, record().uuid, 1),
                replaces=None,
            )
            for host_id in (home.id, HostId("h-000000000000"))
        ]
        return await foretold(store, [], [], commands)

    here, gone = asyncio.run(of_a_host()).commands
    assert (here.command, here.name, here.host_name) == ("mark_vm", "web", "alpha")
    assert gone.host_name is None


def test_of_what_is_too_much_only_the_number_is_said() -> None:
    many = [(None, replace(CLUSTER, name=ClusterName(f"c{n}"))) for n in range(1003)]
    said = told(*many, entries=["x"] * 1001)
    assert (len(said.changes), len(said.entries), said.more) == (module.LINES_MAX, 1000, 4)
