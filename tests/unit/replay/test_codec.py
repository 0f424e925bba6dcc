"""Passes as lines: what is read is what was written, short where little changed, and bounded."""

import json
from typing import Any

import msgspec
import pytest

from tests import worlds
from tests.recorded import lines_of, pass_over
from tests.worlds import but
from vmuster.model.errors import Corrupt, Refused
from vmuster.reconcile.passed import Passed
from vmuster.replay import codec
from vmuster.replay.codec import Decoder, Encoder, rows_of

HOSTILE = '"\n{"line":"pass"}\u202e\x1b[2J'


def read(lines: bytes) -> list[Passed]:
    decoder = Decoder()
    found = [decoder.passed(line) for line in lines.splitlines()]
    return [each for each in found if each is not None]


def series() -> list[Passed]:
    """A VM of ours that runs, runs on, is stopped, and is gone; and a stranger on another host."""
    owned = worlds.owned()
    return [
        pass_over(owned),
        pass_over(but(owned, now=2_000_000.0), at=2_000_000.0),
        pass_over(worlds.alien(), host="other"),
        pass_over(worlds.owned_stopped()),
        pass_over(but(owned, seen=None)),
        pass_over(worlds.moved()),
        pass_over(worlds.duplicate()),
    ]


def test_what_is_read_is_what_was_written() -> None:
    assert read(lines_of(series())) == series()


def test_a_pass_like_the_one_before_is_told_by_what_has_changed() -> None:
    lines = lines_of(series()).splitlines()
    kinds = [json.loads(line)["line"] for line in lines]
    assert kinds == ["recording", "pass", "changes", "pass", *["changes"] * 4]
    assert len(lines[2]) < len(lines[1]) / 10


def test_a_name_stays_in_its_line() -> None:
    was = pass_over(but(worlds.alien(), seen={"name": HOSTILE}))
    lines = lines_of([was])
    assert lines.count(b"\n") == 2
    (found,) = read(lines)
    assert found.given.report.vms[0].name == HOSTILE


def test_each_segment_can_be_read_by_itself() -> None:
    one = lines_of(series())
    assert read(one + one) == series() * 2


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    passes = [pass_over(worlds.owned(), host=f"host-{number}") for number in range(4)]
    monkeypatch.setattr(codec, "ROWS_MAX", 2 * rows_of(passes[0]))
    again = [*passes, passes[3], passes[0]]
    lines = lines_of(again)
    kinds = [json.loads(line)["line"] for line in lines.splitlines()]
    assert kinds == ["recording", *["pass"] * 4, "changes", "pass"]
    assert read(lines) == again


HEADER, WHOLE, CHANGES = lines_of(series()[:2]).splitlines()


def document(line: bytes, **changes: Any) -> bytes:
    return msgspec.json.encode(json.loads(line) | changes)


@pytest.mark.parametrize(
    "bad",
    [
        *(b"", b"nonsense", b"[]", b'{"line": "other"}', b"[" * 100_000, b"\xff"),
        document(WHOLE, passed={}),
        document(WHOLE, passed=7),
        document(CHANGES, host="nobody"),
        document(CHANGES, changes=[[["given", "at"], "noon"]]),
        document(CHANGES, changes=[[["given", "nothing", "of"], 1]]),
        document(CHANGES, changes=7),
    ],
    ids=lambda line: line[:60],
)
def test_what_is_no_line_of_ours_is_corrupt(bad: bytes) -> None:
    decoder = Decoder()
    for line in (HEADER, WHOLE):
        _ = decoder.passed(line)
    with pytest.raises(Corrupt):
        decoder.passed(bad)


def test_what_does_not_begin_as_a_recording_is_none() -> None:
    with pytest.raises(Corrupt, match="does not begin"):
        Decoder().passed(WHOLE)


def test_another_version_is_refused_with_the_way_out() -> None:
    with pytest.raises(Refused, match="version 2") as refusal:
        Decoder().passed(document(HEADER, version=2))
    assert "1.2.3" in refusal.value.hint


def test_what_no_json_can_hold_is_said() -> None:
    was = pass_over(but(worlds.alien(), seen={"name": "\ud800"}))
    with pytest.raises(ValueError, match="surrogates"):
        Encoder("1").line(was)
