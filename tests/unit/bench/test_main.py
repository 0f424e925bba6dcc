"""`python -m bench` runs what is named, and its exit status says whether every goal is reached."""

from collections.abc import Awaitable, Callable

import msgspec
import pytest
from click.testing import CliRunner

from bench import limit, rollcall
from bench.__main__ import BENCHES, chosen, main
from bench.measuring import machine
from bench.rows import Result, at_most
from bench.sizes import Sizes


def bench(name: str, value: float) -> Callable[[Sizes], Awaitable[Result]]:
    async def run(sizes: Sizes) -> Result:
        rows = (at_most(f"{sizes.hosts} hosts", value, "us", 1),)
        return Result(bench=name, machine=machine(), rows=rows)

    return run


@pytest.mark.parametrize(("value", "status"), [(1.0, 0), (1.1, 1)])
def test_a_missed_goal_is_the_exit_status(
    monkeypatch: pytest.MonkeyPatch, value: float, status: int
) -> None:
    monkeypatch.setattr(limit, "run", bench("limit", 0.5))
    monkeypatch.setattr(rollcall, "run", bench("rollcall", value))
    arguments = ["rollcall", "limit", "-o", "json", "--hosts", "7"]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == status
    lines = [msgspec.json.decode(line) for line in done.stdout.splitlines()]
    assert [line["bench"] for line in lines] == ["limit", "rollcall"]
    assert lines[0]["rows"][0]["what"] == "7 hosts"
    assert [line["rows"][0]["ok"] for line in lines] == [True, status == 0]


def test_without_a_name_it_says_what_there_is() -> None:
    done = CliRunner().invoke(main, [])
    assert done.exit_code == 0
    assert all(f"{name} " in done.stdout for name in BENCHES)


def test_an_unknown_name_is_a_mistake_of_usage() -> None:
    done = CliRunner().invoke(main, ["nonsense"])
    assert done.exit_code == 2
    assert done.stdout == ""


def test_all_are_all_but_the_peer() -> None:
    assert chosen(("all",)) == [name for name in BENCHES if name != "nova"]
    assert chosen(("nova", "all", "limit")) == list(BENCHES)
    assert chosen(("restart", "limit", "limit")) == ["limit", "restart"]
