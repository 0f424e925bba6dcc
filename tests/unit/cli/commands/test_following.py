"""`vmuster journal --follow`: a row each, or a document in one line."""

import hashlib
import json
import threading

import pytest

from tests.served import Served
from tests.unit.cli.conftest import Run
from vmuster.cli.commands.following import print_as_they_come
from vmuster.cli.printing.forms import Filter, Form, Output
from vmuster.model.changes import Changes, Write
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.keys import ApiKey


def entry(number: int, what: str) -> dict[str, object]:
    return {
        "id": number,
        "at": "2026-11-22T14:03:00.000001Z",
        "kind": "alert",
        "actor": "anna",
        "name": "vm",
        "vm": "00000000-0000-0000-0000-000000000001",
        "host_name": None,
        "what": what,
    }


ENTRIES = [entry(1, "one\n\x1b[31m"), entry(2, "two")]


def printed(capsys: pytest.CaptureFixture[str], out: Output) -> list[str]:
    print_as_they_come(ENTRIES, out)
    return capsys.readouterr().out.splitlines()


def test_each_entry_is_a_line_and_nothing_hides_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = printed(capsys, Output())
    assert first.split() == [
        *("2026-11-22", "14:03:00Z", "alert", "anna", "vm", "one\\n\\x1b[31m"),
    ]
    assert first.index("one") == second.index("two")


def test_documents_are_lines_and_names_are_ids(capsys: pytest.CaptureFixture[str]) -> None:
    assert [json.loads(line) for line in printed(capsys, Output(form=Form.JSON))] == ENTRIES
    assert printed(capsys, Output(form=Form.NAME)) == ["1", "2"]


def test_csv_has_one_head(capsys: pytest.CaptureFixture[str]) -> None:
    head, *rows = printed(capsys, Output(form=Form.CSV))
    assert head.startswith("AT,KIND,BY")
    assert len(rows) == 2


def test_filters_and_columns_are_heeded(capsys: pytest.CaptureFixture[str]) -> None:
    only = (Filter(name="what", text="two"),)
    assert printed(capsys, Output(filters=only, columns=("what",))) == ["two"]


def test_colours_are_there_where_they_are_wanted(capsys: pytest.CaptureFixture[str]) -> None:
    assert "\x1b[31malert" in printed(capsys, Output(colour=True))[0]


def test_a_real_journal_is_followed_until_the_key_is_over(run: Run, world: Served) -> None:
    store = world.fleet.store
    digest = hashlib.sha256(b"vmuster_follower").hexdigest()
    key = ApiKey(name="follower", digest=digest, created_at=1.0)
    world.run(store.commit((Changes(writes=(Write(before=None, after=key),)),)))

    def goes_on() -> None:
        known = world.run(store.get(ApiKey, "follower"))
        entry = JournalEntry(at=1.0, kind=EntryKind.HELD, actor="x", what="late")
        world.run(store.commit((Changes(entries=(entry,)),)))
        gone = Write(before=known, after=None)
        threading.Timer(1.5, lambda: world.run(store.commit((Changes(writes=(gone,)),)))).start()

    entry = JournalEntry(at=1.0, kind=EntryKind.HELD, actor="x", what="early")
    world.run(store.commit((Changes(entries=(entry,)),)))
    threading.Timer(0.5, goes_on).start()
    since = ("--since", "1970-01-01T00:00:01Z", "--kind", "held")
    ended = run("journal", "--follow", "-o", "json", *since, "--key", "vmuster_follower")
    assert [json.loads(line)["what"] for line in ended.stdout.splitlines()] == ["early", "late"]
    assert (ended.exit_code, "no key" in ended.stderr.lower().replace("valid ", "")) == (1, True)
