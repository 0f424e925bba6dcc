"""Requests that are waited for."""

import io
import json
import sys
from collections.abc import Callable
from typing import Any, ClassVar, cast

import pytest

from tests.served import Served
from tests.unit.cli.conftest import Run
from vmuster.cli.asking.speaking import Failed
from vmuster.cli.asking.waiting import see_all_through, see_through, tell
from vmuster.cli.printing.forms import Form, Output
from vmuster.client.rest import Client
from vmuster.model.host import Host


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_for_those_who_watch(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tell("unseen")
    assert capsys.readouterr() == ("", "")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    tell("one\ntwo")
    assert terminal.getvalue() == "one\\ntwo\n"


def test_a_request_that_fails_is_printed_and_ends_with_one(
    run: Run, world: Served, alpha: Host
) -> None:
    """The VM is transient: there is no definition that could bear a mark, and the agent refuses."""
    vm = world.appear(alpha, "passing")
    world.do(lambda: world.hypervisor("alpha").undefine(vm))
    world.passes(alpha)
    result = run("vm", "adopt", str(vm), "-o", "json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["state"] == "failed"
    what, hint = result.stderr.splitlines()
    assert what.startswith("vmuster: adopt passing failed: refused")
    assert hint == f"what to do: vmuster vm explain {vm}"


def test_no_wait_returns_at_once(data: Callable[..., Any], world: Served, alpha: Host) -> None:
    vm = str(world.ours(alpha, "no wait"))
    assert data("vm", "stop", vm, "--no-wait")["state"] == "pending"


def test_the_wait_ends_after_the_deadline(
    monkeypatch: pytest.MonkeyPatch, world: Served, alpha: Host
) -> None:
    monkeypatch.setattr("vmuster.cli.asking.waiting._POLL_SECONDS", 0.05)
    vm = str(world.ours(alpha, "endless"))
    world.do(lambda: setattr(world.hypervisor("alpha").faults, "dead", True))
    try:
        with world.client() as client:
            asked = client.stop(vm)
            short = {**asked, "deadline_at": asked["created_at"]}
            with pytest.raises(Failed, match="still pending") as caught:
                see_through(client, short, wait=True, out=Output(form=Form.JSON))
    finally:
        world.do(lambda: world.hypervisor("alpha").start_daemon())
    assert caught.value.hint == f"vmuster operation show {asked['id']}"


@pytest.mark.parametrize("health", ["up", "suspect"])
def test_who_waits_for_a_host_that_is_not_up_is_told_so_once(
    capsys: pytest.CaptureFixture[str], health: str
) -> None:
    asked = {
        "id": "o",
        "kind": "stop",
        "name": "web",
        "vm": "u",
        "host": "h",
        "state": "pending",
        "created_at": "2026-01-01T00:00:00Z",
        "deadline_at": "2026-01-01T00:01:00Z",
        "message": "hung",
    }

    class Server:
        answers: ClassVar = ["pending", "failed"] * 2

        def host(self, _host: str) -> dict[str, Any]:
            return {"name": "alpha", "health": health, "trouble": "no answer"}

        def operation(self, _operation: str, *, wait_seconds: float) -> dict[str, Any]:
            return {**asked, "state": self.answers.pop(0)}

    with pytest.raises(Failed, match="2 of 2 requests failed: stop web: hung; stop web: hung"):
        see_all_through(cast("Client", Server()), [asked, asked])
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 0 if health == "up" else 1)
    if told.err:
        assert "host alpha is suspect (no answer); stop web waits for it" in told.err
        assert "'vmuster operation show o'" in told.err


def test_who_does_not_wait_is_told_that_the_host_is_not_up(
    run: Run, world: Served, alpha: Host, capsys: pytest.CaptureFixture[str]
) -> None:
    vm = str(world.ours(alpha, "left to itself"))
    with world.client() as client:
        asked = {**client.stop(vm), "state": "pending"}

    class Server:
        def host(self, _host: str) -> dict[str, Any]:
            return {"name": "alpha", "health": "suspect", "trouble": "no answer"}

    see_through(cast("Client", Server()), asked, wait=False, out=Output(form=Form.JSON))
    told = capsys.readouterr().err
    assert "host alpha is suspect (no answer); stop left to itself waits for it, until" in told
    assert "Ctrl-C" not in told
