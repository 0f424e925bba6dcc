"""The signing key's files: kept from others, never overwritten, a rotation cut short anywhere."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.clocks import HandClock
from tests.servers import Heard, vm
from vmuster.model.changes import Changes, Write
from vmuster.model.errors import Corrupt, Refused, VmusterError
from vmuster.model.host import Fleet
from vmuster.model.ids import KeyId
from vmuster.model.mark import write_mark
from vmuster.model.states import MarkVerdict
from vmuster.reconcile.ownership import judge_mark
from vmuster.server.context import Context
from vmuster.server.founding import found
from vmuster.server.rotation import rotate
from vmuster.server.signing import Signer
from vmuster.stores.memory import MemoryStore
from vmuster.wiring.signing_keys import SigningKeys

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "signing.key"


def first_key(path: Path) -> Signer:
    """The key of a fleet that was founded."""
    keys = SigningKeys(path)
    signer = keys.load(None)
    keys.settle(signer.key)
    return signer


def test_a_new_key_is_readable_by_its_owner_alone(path: Path) -> None:
    first_key(path)
    assert path.stat().st_mode & 0o777 == 0o400
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [entry.name for entry in path.parent.iterdir()] == ["signing.key"]


def test_a_key_that_is_there_is_used_and_never_overwritten(path: Path) -> None:
    first = first_key(path)
    content = path.read_bytes()
    again = SigningKeys(path).load(first.key)
    assert (again.key, again.public, again.earlier) == (first.key, first.public, ())
    assert path.read_bytes() == content


@pytest.mark.parametrize("founded", [True, False])
def test_a_founding_that_was_cut_short_is_carried_on(path: Path, founded: bool) -> None:
    first = SigningKeys(path).load(None)
    again = SigningKeys(path).load(first.key if founded else None)
    assert (again.key, again.public) == (first.key, first.public)
    assert path.exists() is founded


def test_where_the_fleet_of_a_key_is_gone_none_is_founded(path: Path) -> None:
    first = first_key(path)
    with pytest.raises(Corrupt, match="signing key of a fleet") as error:
        SigningKeys(path).load(None)
    assert "restore vmuster.db" in error.value.hint
    assert SigningKeys(path).load(first.key).key == first.key


def test_every_key_is_another(tmp_path: Path) -> None:
    one, two = (first_key(tmp_path / name) for name in ("one", "two"))
    assert one.key != two.key
    assert one.public != two.public


def test_where_a_fleet_relies_on_a_key_that_is_gone_none_is_made(path: Path) -> None:
    with pytest.raises(Corrupt) as error:
        SigningKeys(path).load(KeyId(vm(1)))
    assert "no VM is harmed" in error.value.hint
    assert not path.exists()


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"not a key", b'{"key":"x","private":""}', b"\xff\xfe"],
)
def test_a_file_that_is_no_key_is_refused_and_left_alone(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    path.chmod(0o400)
    with pytest.raises(Corrupt):
        SigningKeys(path).load(KeyId(vm(1)))
    assert path.read_bytes() == content


def test_a_key_that_was_cut_short_is_refused(path: Path) -> None:
    first = first_key(path)
    whole = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(whole[:-10] + b'"}')
    with pytest.raises(Corrupt):
        SigningKeys(path).load(first.key)


@pytest.mark.parametrize("mode", [0o440, 0o404, 0o420, 0o402])
def test_a_key_that_others_can_read_is_refused(path: Path, mode: int) -> None:
    first = first_key(path)
    path.chmod(mode)
    with pytest.raises(Refused, match="others") as refused:
        SigningKeys(path).load(first.key)
    assert "chmod 0400" in refused.value.hint


def test_a_staged_key_is_the_same_until_it_is_settled(path: Path) -> None:
    keys, first = SigningKeys(path), first_key(path)
    staged = keys.make()
    assert keys.make().public == staged.public != first.public
    assert path.with_name("signing.key.next").stat().st_mode & 0o777 == 0o400
    assert keys.load(first.key).key == first.key, "until it is settled, the old one is loaded"
    staged = keys.make()
    keys.settle(staged.key)
    keys.settle(staged.key)
    assert [entry.name for entry in path.parent.iterdir()] == ["signing.key"]
    assert keys.load(staged.key).public == staged.public
    third = keys.make()
    assert third.earlier == (first.key, staged.key)


def test_a_staged_key_that_is_gone_is_not_settled(path: Path) -> None:
    keys, first = SigningKeys(path), first_key(path)
    staged = keys.make()
    path.with_name("signing.key.next").unlink()
    with pytest.raises(Corrupt, match="staged"):
        keys.settle(staged.key)
    assert keys.load(first.key).key == first.key


@pytest.mark.parametrize("content", [b"", b"{}"])
def test_a_staged_key_that_nobody_relies_on_stops_no_start(path: Path, content: bytes) -> None:
    keys, first = SigningKeys(path), first_key(path)
    staged = path.with_name("signing.key.next")
    staged.write_bytes(content)
    staged.chmod(0o400)
    assert keys.load(first.key).key == first.key
    assert not staged.exists()


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
