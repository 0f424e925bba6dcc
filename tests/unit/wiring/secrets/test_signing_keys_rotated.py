"""A rotation of the signing key: cut short anywhere, it leaves one good key."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.clocks import HandClock
from tests.keypairs import first_key
from tests.servers import Heard, vm
from vmuster.model.changes import Changes, Write
from vmuster.model.errors import Corrupt, VmusterError
from vmuster.model.host import Fleet
from vmuster.model.ids import KeyId
from vmuster.model.mark import write_mark
from vmuster.model.states import MarkVerdict
from vmuster.reconcile.ownership import judge_mark
from vmuster.server.context import Context
from vmuster.server.founding import found
from vmuster.server.secrets.rotation import rotate
from vmuster.server.secrets.signing import Signer
from vmuster.stores.memory import MemoryStore
from vmuster.wiring.secrets.signing_keys import SigningKeys

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "signing.key"


class Killed(BaseException):
    """The process ends here."""


class MortalStore(MemoryStore):
    """Ends the process just before or just after a commit, once armed."""

    before = after = False

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        if self.before:
            raise Killed
        refused = await super().commit(changes)
        if self.after:
            raise Killed
        return refused


class MortalKeys(SigningKeys):
    """Ends the process at a step of its own."""

    def __init__(self, path: Path, dies: str) -> None:
        super().__init__(path)
        self._dies = dies

    def make(self) -> Signer:
        if self._dies == "before making":
            raise Killed
        made = super().make()
        if self._dies == "after making":
            raise Killed
        return made

    def settle(self, key: KeyId) -> None:
        if self._dies == "before settling":
            raise Killed
        super().settle(key)
        if self._dies == "after settling":
            raise Killed


async def started(store: MemoryStore, path: Path) -> Context:
    """A server's start, as far as its key goes."""
    known = await store.get(Fleet)
    keys = SigningKeys(path)
    signer = keys.load(known.key if known is not None else None)
    fleet = await found(store, HandClock(), signer, "VM")
    keys.settle(fleet.key)
    return Context(store=store, clock=HandClock(), fleet=fleet, signer=signer)


def good(context: Context, signer: Signer) -> bool:
    """Whether a mark that `signer` made is a good one of ours."""
    raw = write_mark(signer.mark(context.fleet.id, vm(1), 1))
    found_ = judge_mark(raw, vm(1), context.fleet.id, context.fleet.public_keys)
    return found_.verdict is MarkVerdict.OURS


def _before_commit(store: MortalStore) -> None:
    store.before = True


def _after_commit(store: MortalStore) -> None:
    store.after = True


def _never(_store: MortalStore) -> None:
    pass


@pytest.mark.parametrize(
    ("dies", "arm", "rotated"),
    [
        ("before making", _never, False),
        ("after making", _never, False),
        ("in the store", _before_commit, False),
        ("in the store", _after_commit, True),
        ("before settling", _never, True),
        ("after settling", _never, True),
    ],
)
async def test_a_rotation_that_is_killed_at_any_step_leaves_one_good_key(
    path: Path, dies: str, arm: Callable[[MortalStore], None], rotated: bool
) -> None:
    store = MortalStore()
    context = await started(store, path)
    first = context.signer
    arm(store)
    with pytest.raises(Killed):
        await rotate(context, MortalKeys(path, dies), Heard(), actor="ann")
    store.before = store.after = False
    again = await started(store, path)
    assert (again.signer.key != first.key) is rotated
    assert again.fleet.key == again.signer.key
    assert again.fleet.quarantine is None
    assert good(again, again.signer)
    assert good(again, first), "old marks stay good"
    assert [entry.name for entry in path.parent.iterdir()] == ["signing.key"]
    present = again.signer
    after = await rotate(again, SigningKeys(path), Heard(), actor="ann")
    assert after.key == again.signer.key != present.key
    last = await started(store, path)
    assert all(good(last, signer) for signer in (first, present, last.signer))


async def test_a_rotation_that_could_not_be_settled_is_finished_by_the_next(path: Path) -> None:
    store = MemoryStore()
    context = await started(store, path)
    first = context.signer
    with pytest.raises(Killed):
        await rotate(context, MortalKeys(path, "before settling"), Heard(), actor="ann")
    begun = context.fleet.key
    assert context.signer is first, "what is not settled signs nothing"
    finished = await rotate(context, SigningKeys(path), Heard(), actor="ann")
    assert finished.key == begun == context.signer.key != first.key
    assert len(finished.public_keys) == 2


async def test_a_database_older_than_the_key_is_noticed(path: Path) -> None:
    store = MemoryStore()
    context = await started(store, path)
    founded, restored = context.fleet, MemoryStore()
    await rotate(context, SigningKeys(path), Heard(), actor="ann")
    await rotate(context, SigningKeys(path), Heard(), actor="ann")
    row = Write(before=None, after=founded)
    assert await restored.commit([Changes(writes=(row,))]) == [""]
    again = await started(restored, path)
    assert again.fleet.quarantine is not None
    assert "newer than the database" in again.fleet.quarantine.evidence[0]
    assert again.fleet.key == context.signer.key
    assert good(again, context.signer)


def _content(path: Path) -> bytes:
    return path.read_bytes()


def _put(path: Path, content: bytes | None) -> None:
    path.unlink()
    if content is not None:
        path.write_bytes(content)
        path.chmod(0o400)


async def test_the_key_of_another_fleet_is_refused(path: Path) -> None:
    store = MemoryStore()
    await started(store, path)
    _put(path, None)
    first_key(path)
    with pytest.raises(VmusterError, match="not a key of this fleet"):
        await started(store, path)


async def test_an_earlier_key_of_the_fleet_is_refused(path: Path) -> None:
    store = MemoryStore()
    context = await started(store, path)
    kept = _content(path)
    await rotate(context, SigningKeys(path), Heard(), actor="ann")
    _put(path, kept)
    with pytest.raises(Corrupt, match="an earlier key"):
        await started(store, path)
