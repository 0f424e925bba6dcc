"""Who changes the journal in its file is found out, at the first entry that is not right (T31)."""

import sqlite3
from collections.abc import AsyncGenerator, Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest
from msgspec.structs import replace

from tests.conformance.stores.rows import entry
from tests.parts import HOST
from vmuster.model.changes import Changes
from vmuster.model.journal import FIRST_LINK, JournalEntry, link
from vmuster.server.answers import audit
from vmuster.server.answers.audit import Verdict, verify
from vmuster.stores.memory import MemoryStore
from vmuster.stores.sql.opening import open_sqlite
from vmuster.stores.sql.rows import column_names, to_row
from vmuster.stores.sql.store import SqlStore

pytestmark = pytest.mark.anyio

ENTRIES: Final = 9


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vmuster.db"


@pytest.fixture
async def store(path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[SqlStore]:
    """A store whose journal has some entries, more than are read at once."""
    monkeypatch.setattr(audit, "_PAGE", 4)
    opened = open_sqlite(path)
    for number in range(1, ENTRIES + 1):
        line = entry(at=float(number), what=f"line {number}", host=HOST, evidence={"n": number})
        assert await opened.commit([Changes(entries=(line,))]) == [""]
    yield opened
    await opened.close()


def tampered(path: Path, statement: str, *values: object) -> None:
    """One statement by whoever can write to the file."""
    with closing(sqlite3.connect(path)) as database:
        assert database.execute(statement, values).rowcount >= 1
        database.commit()


def put(path: Path, line: JournalEntry) -> None:
    """Put `line` into the file, in the place of what has its id, with a good checksum."""
    row = to_row(line)
    names = ", ".join(column_names(JournalEntry))
    tampered(
        path,
        f"INSERT OR REPLACE INTO journal ({names}) VALUES ({', '.join('?' * len(row))})",
        *row,
    )


async def line(store: SqlStore, number: int) -> JournalEntry:
    found = await store.get(JournalEntry, number)
    assert found is not None
    return found


async def test_a_journal_as_it_was_written_is_sound(store: SqlStore) -> None:
    last = await line(store, ENTRIES)
    verdict = await verify(store, None)
    assert verdict == Verdict(entries=ENTRIES, head=ENTRIES, chain=last.chain)
    assert (verdict.sound, verdict.broken_at, verdict.what) == (True, None, "")


async def test_an_empty_one_is_too() -> None:
    assert await verify(MemoryStore(), None) == Verdict()
    assert (await verify(MemoryStore(), (0, FIRST_LINK))).sound


@pytest.mark.parametrize("number", [1, 4, 5, ENTRIES])
async def test_a_changed_entry_is_named(store: SqlStore, path: Path, number: int) -> None:
    put(path, replace(await line(store, number), actor="nobody"))
    verdict = await verify(store, None)
    assert (verdict.sound, verdict.broken_at, verdict.entries) == (False, number, number - 1)
    assert verdict.what == f"journal entry {number} is not the one that was written"


async def test_an_entry_changed_with_its_own_link_is_found_at_the_next(
    store: SqlStore, path: Path
) -> None:
    before, changed = await line(store, 3), replace(await line(store, 4), what="nothing at all")
    put(path, replace(changed, chain=link(before.chain, changed)))
    assert (await verify(store, None)).broken_at == 5


@pytest.mark.parametrize("number", [1, 4, 5])
async def test_a_removed_entry_is_named(store: SqlStore, path: Path, number: int) -> None:
    tampered(path, "DELETE FROM journal WHERE id = ?", number)
    verdict = await verify(store, None)
    assert (verdict.sound, verdict.broken_at, verdict.entries) == (False, number, number - 1)
    assert f"entry {number + 1} does not follow" in verdict.what
    assert "removed" in verdict.what


async def test_an_inserted_entry_is_named(store: SqlStore, path: Path) -> None:
    tampered(path, "UPDATE journal SET id = -id WHERE id > 5")
    tampered(path, "UPDATE journal SET id = 1 - id WHERE id < 0")
    false = replace(await line(store, 5), id=6, what="ann agreed")
    put(path, replace(false, chain=(await line(store, 5)).chain))
    verdict = await verify(store, None)
    assert (verdict.sound, verdict.broken_at) == (False, 6)


async def test_an_inserted_entry_that_hangs_on_is_found_by_the_next(
    store: SqlStore, path: Path
) -> None:
    tampered(path, "UPDATE journal SET id = -id WHERE id > 5")
    tampered(path, "UPDATE journal SET id = 1 - id WHERE id < 0")
    before = await line(store, 5)
    false = replace(before, id=6, what="ann agreed")
    put(path, replace(false, chain=link(before.chain, false)))
    assert (await verify(store, None)).broken_at == 7


async def test_of_two_entries_that_changed_places_the_first_is_named(
    store: SqlStore, path: Path
) -> None:
    one, other = await line(store, 3), await line(store, 7)
    put(path, replace(other, id=3))
    put(path, replace(one, id=7))
    assert (await verify(store, None)).broken_at == 3


@pytest.mark.parametrize("number", [1, 4, 6])
@pytest.mark.parametrize(
    "damage",
    ["UPDATE journal SET evidence = '{' WHERE id = ?", "UPDATE journal SET at = 99 WHERE id = ?"],
)
async def test_an_entry_that_can_not_be_read_is_named(
    store: SqlStore, path: Path, number: int, damage: str
) -> None:
    tampered(path, damage, number)
    verdict = await verify(store, None)
    assert (verdict.sound, verdict.broken_at, verdict.entries) == (False, number, number - 1)
    assert verdict.what.startswith(f"journal entry {number} in the database can't be read")


async def anchor(store: SqlStore, number: int) -> tuple[int, str]:
    return (number, (await line(store, number)).chain)


async def test_a_cut_off_end_is_seen_by_who_wrote_it_down(store: SqlStore, path: Path) -> None:
    kept, cut = await anchor(store, 5), await anchor(store, 8)
    tampered(path, "DELETE FROM journal WHERE id > 6")
    assert (await verify(store, None)).sound
    assert (await verify(store, kept)).sound
    verdict = await verify(store, cut)
    assert (verdict.sound, verdict.broken_at, verdict.head) == (False, None, 6)
    assert verdict.what == "the journal ends at 6, before entry 8 that was written down"


async def test_an_end_written_anew_is_seen_by_who_wrote_it_down(
    store: SqlStore, path: Path
) -> None:
    cut = await anchor(store, 8)
    tampered(path, "DELETE FROM journal WHERE id > 6")
    more = Changes(entries=(entry(what="a"), entry(what="b"), entry(what="c")))
    assert await store.commit([more]) == [""]
    assert (await verify(store, None)).sound
    verdict = await verify(store, cut)
    assert (verdict.sound, verdict.head) == (False, ENTRIES)
    assert "another journal" in verdict.what


@pytest.mark.parametrize("number", [0, 1, 4, ENTRIES])
async def test_an_anchor_that_is_there_is_met(store: SqlStore, number: int) -> None:
    there = (0, FIRST_LINK) if number == 0 else await anchor(store, number)
    assert (await verify(store, there)).sound
    assert not (await verify(store, (number, "f" * 64))).sound


async def test_what_is_broken_is_said_before_the_anchor(store: SqlStore, path: Path) -> None:
    there = await anchor(store, 8)
    put(path, replace(await line(store, 2), actor="nobody"))
    assert (await verify(store, there)).broken_at == 2


async def test_entries_are_read_in_pages(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    find: Callable[..., Any] = store.find

    async def note(*kind: Any, limit: int, **how: Any) -> Any:
        asked.append(limit)
        return await find(*kind, limit=limit, **how)

    monkeypatch.setattr(store, "find", note)
    assert (await verify(store, None)).entries == ENTRIES
    assert asked == [4, 4, 4]
