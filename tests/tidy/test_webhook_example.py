"""The lines of docs/events.md that check a signature: they know what is ours, and nothing else."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.tidy.tree import ROOT
from vmuster.server.watch.posts import headers_of

PAGE = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
SECRET, BODY = b"whsec_0123456789", b'{"id":1,"what":"it"}'


@pytest.fixture
def is_ours() -> Callable[..., bool]:
    shown: dict[str, Any] = {}
    exec(PAGE.partition("```python\n")[2].partition("```")[0], shown)
    return shown["is_ours"]


def signature(now: float, secret: bytes = SECRET, body: bytes = BODY) -> str:
    return headers_of("alert", 1, secret, body, now)["X-Vmuster-Signature"]


def test_what_is_ours_is_known(is_ours: Callable[..., bool]) -> None:
    assert is_ours(SECRET, signature(time.time()), BODY)


@pytest.mark.parametrize(
    ("secret", "body", "age"),
    [(b"another", BODY, 0), (SECRET, BODY + b" ", 0), (SECRET, BODY, 400), (SECRET, BODY, -400)],
    ids=["another secret", "another body", "old", "of tomorrow"],
)
def test_anything_else_is_not(
    is_ours: Callable[..., bool], secret: bytes, body: bytes, age: float
) -> None:
    told = signature(time.time() - age, secret, body)
    assert not is_ours(SECRET, told, BODY)


def test_a_time_that_was_changed_is_noticed(is_ours: Callable[..., bool]) -> None:
    now = time.time()
    told = signature(now - 1000).replace(f"t={int(now - 1000)}", f"t={int(now)}")
    assert not is_ours(SECRET, told, BODY)


def test_it_is_as_short_as_the_page_says() -> None:
    code = PAGE.partition("```python\n")[2].partition("```")[0]
    assert len([line for line in code.splitlines() if line.strip()]) <= 10
