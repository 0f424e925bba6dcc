"""`vmuster key`."""

from collections.abc import Callable
from typing import Any

from tests.unit.cli.conftest import Run


def test_the_key_that_signs_is_changed_on_a_word(data: Callable[..., Any], run: Run) -> None:
    (old,) = data("key", "list")
    refused = run("key", "rotate")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "--yes" in refused.stderr
    assert data("key", "list") == [old]
    new, kept = data("key", "rotate", "--yes")
    assert (new["signs"], kept) == (True, {**old, "signs": False})
    assert run("key", "list", "-o", "name").stdout.splitlines() == [new["id"], old["id"]]
