"""`vmuster explain` and `vmuster vm explain`."""

from collections.abc import Callable
from typing import Any

from tests.served import Served
from tests.unit.cli.conftest import Run
from vmuster.model.host import Host


def test_a_vm_an_operation_and_an_entry_are_explained(
    data: Callable[..., Any], run: Run, world: Served, alpha: Host
) -> None:
    vm = str(world.ours(alpha, "told"))
    whole = data("vm", "explain", "told")
    operation = whole["operations"][0]["id"]
    assert data("explain", vm[:18])["reference"] == vm
    assert data("explain", operation)["about"] == "operation"
    assert data("explain", str(whole["journal"][0]["id"]))["about"] == "entry"
    assert run("explain", operation, "-o", "name").stdout == f"{operation}\n"
    said = run("explain", operation).stdout
    assert "what   anna asked to adopt told, on alpha: done, 20" in said
    assert "see 'vmuster rule standing-12' (docs/rules.md#standing-12)" in said


def test_the_short_form_has_three_lines(run: Run, world: Served, alpha: Host) -> None:
    world.ours(alpha, "briefly told")
    for command in (("vm", "explain"), ("explain",)):
        lines = run(*command, "briefly told", "--why").stdout.splitlines()
        assert [line.split()[0] for line in lines] == ["what", "why", "proof"]
        assert lines[0].startswith("what   briefly told runs on alpha, as of 20")
        assert lines[2] == "proof  our record of it and our signed mark on it agree"


def test_a_hostile_name_stays_on_its_line(run: Run, world: Served, alpha: Host) -> None:
    vm = world.appear(alpha, "a\x1b[2J\nwhat   b\u202e")
    for more in ((), ("--why",)):
        said = run("explain", str(vm), *more).stdout
        assert "\x1b" not in said
        assert "\u202e" not in said
        assert sum(line.startswith("what") for line in said.splitlines()) == len(more)


def test_what_nobody_knows_fails(run: Run) -> None:
    result = run("explain", "nobody")
    assert result.exit_code == 1
    assert "at least 8 characters" in result.stderr
    assert run("explain").exit_code == 2
