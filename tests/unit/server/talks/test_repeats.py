"""Troubles that come again: a few times in an hour, and of each host by itself."""

from tests.clocks import HandClock
from tests.parts import HOST, OTHER
from vmuster.model.changes import Changes
from vmuster.model.ids import HostId
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.server.talks.repeats import PERIOD_SECONDS, TIMES_MAX, TROUBLE, WORDS_MAX, Repeats


def test_the_same_words_are_news_a_few_times_in_an_hour() -> None:
    clock = HandClock()
    repeats = Repeats(clock)
    assert [repeats.is_news(HOST, "hung") for _ in range(TIMES_MAX + 2)] == (
        [True] * TIMES_MAX + [False] * 2
    )
    assert repeats.is_news(HOST, "cut"), "other words"
    assert repeats.is_news(OTHER, "hung"), "another host"
    clock.pass_by(PERIOD_SECONDS)
    assert repeats.is_news(HOST, "hung")


def test_ever_new_words_are_no_news_in_the_end() -> None:
    repeats = Repeats(HandClock())
    news = [repeats.is_news(HOST, f"byte {number}") for number in range(WORDS_MAX + 5)]
    assert news == [True] * WORDS_MAX + [False] * 5
    assert repeats.is_news(HOST, "byte 0"), "of what was told once, the next time is told too"


def test_a_host_that_is_gone_is_forgotten() -> None:
    repeats = Repeats(HandClock())
    for _ in range(TIMES_MAX):
        repeats.is_news(HOST, "hung")
    repeats.keep({HOST})
    assert not repeats.is_news(HOST, "hung")
    repeats.keep(())
    assert repeats.is_news(HOST, "hung")


def test_only_entries_about_troubles_are_left_out() -> None:
    repeats = Repeats(HandClock())
    trouble, law = entry(TROUBLE, HOST), entry("law", HOST)
    changes = Changes(entries=(trouble, law))
    for _ in range(TIMES_MAX):
        assert repeats.unrepeated(changes) == changes
    assert repeats.unrepeated(changes).entries == (law,)


def entry(rule: str, host: HostId) -> JournalEntry:
    return JournalEntry(
        at=1.0, kind=EntryKind.ALERT, actor="vmuster", what="hung", rule=rule, host=host
    )
