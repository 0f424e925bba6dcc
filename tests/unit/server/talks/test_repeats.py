"""Troubles that come again: a few times in an hour, and of each host by itself."""

from tests.clocks import HandClock
from tests.parts import HOST, OTHER
from vmuster.model.changes import Changes
from vmuster.model.ids import HostId
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.server.talks.repeats import (
    PERIOD_SECONDS,
    TIMES_MAX,
    TROUBLE,
    TURNED_AWAY,
    WORDS_MAX,
    Repeats,
)


def test_the_same_words_are_news_a_few_times_in_an_hour() -> None:
    clock = HandClock()
    repeats = Repeats(clock)
    assert [tells(repeats, entry("hung")) for _ in range(TIMES_MAX + 2)] == (
        [True] * TIMES_MAX + [False] * 2
    )
    assert tells(repeats, entry("cut")), "other words"
    assert tells(repeats, entry("hung", host=OTHER)), "another host"
    assert tells(repeats, entry("hung", rule=TURNED_AWAY)), "another rule"
    clock.pass_by(PERIOD_SECONDS)
    assert tells(repeats, entry("hung"))


def test_ever_new_words_are_no_news_in_the_end() -> None:
    repeats = Repeats(HandClock())
    news = [tells(repeats, entry(f"byte {number}")) for number in range(WORDS_MAX + 5)]
    assert news == [True] * WORDS_MAX + [False] * 5
    assert tells(repeats, entry("byte 0")), "of what was told once, the next time is told too"
    assert tells(repeats, entry("byte 99", rule=TURNED_AWAY)), "nothing drowns a refused host"


def test_only_what_was_written_counts() -> None:
    repeats = Repeats(HandClock())
    for _ in range(TIMES_MAX):
        assert repeats.unrepeated(Changes(entries=(entry("hung"),))).entries
    assert tells(repeats, entry("hung"))


def test_a_host_that_is_gone_is_forgotten() -> None:
    repeats = Repeats(HandClock())
    for _ in range(TIMES_MAX):
        tells(repeats, entry("hung"))
    repeats.keep({HOST})
    assert not tells(repeats, entry("hung"))
    repeats.keep(())
    assert tells(repeats, entry("hung"))


def test_only_entries_about_troubles_are_left_out() -> None:
    repeats = Repeats(HandClock())
    trouble, law = entry("hung"), entry("hung", rule="law")
    changes = Changes(entries=(trouble, law))
    for _ in range(TIMES_MAX):
        assert repeats.unrepeated(changes) == changes
        repeats.written(changes)
    assert repeats.unrepeated(changes).entries == (law,)


def tells(repeats: Repeats, about: JournalEntry) -> bool:
    """Whether `about` is told, and then it is written."""
    changes = repeats.unrepeated(Changes(entries=(about,)))
    repeats.written(changes)
    return bool(changes.entries)


def entry(what: str, *, rule: str = TROUBLE, host: HostId = HOST) -> JournalEntry:
    return JournalEntry(
        at=1.0, kind=EntryKind.ALERT, actor="vmuster", what=what, rule=rule, host=host
    )
