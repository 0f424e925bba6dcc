"""Names are completed by asking the server; and silently not, where it does not answer."""

import socket
import time

import pytest

from tests.served import KEYS, Served
from tests.unit.cli.conftest import Run
from vmuster.cli.asking import completing
from vmuster.cli.asking.completing import PATIENCE_SECONDS
from vmuster.cli.asking.speaking import contexts_file
from vmuster.model.host import Host


@pytest.fixture
def patiently(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is offered does not depend on how busy this machine is."""
    monkeypatch.setattr(completing, "PATIENCE_SECONDS", 30.0)


def completed(run: Run, *words: str) -> list[str]:
    """What a shell would be offered for the last word."""
    result = run(
        env={
            "_VMUSTER_COMPLETE": "bash_complete",
            "COMP_WORDS": " ".join(("vmuster", *words)),
            "COMP_CWORD": str(len(words)),
        }
    )
    assert (result.exit_code, result.stderr) == (0, "")
    return [line.partition(",")[2] for line in result.stdout.splitlines() if line]


@pytest.mark.usefixtures("patiently")
def test_names_are_offered(run: Run, world: Served, alpha: Host) -> None:
    vm = world.appear(alpha, "web-01")
    assert completed(run, "host", "show", "al") == ["alpha"]
    assert completed(run, "host", "show", "x") == []
    assert completed(run, "vm", "stop", "we") == ["web-01"]
    assert completed(run, "vm", "list", "--host", "a") == ["alpha"]
    assert completed(run, "journal", "--vm", "web") == ["web-01"]
    assert completed(run, "plan", "--cluster", "d") == ["default"]
    assert completed(run, "cluster", "show", "d") == ["default"]
    assert completed(run, "plan", "show", "") == []
    assert completed(run, "credential", "remove", "") == []
    assert str(vm) not in completed(run, "vm", "show", "")


@pytest.mark.parametrize("name", ["Windows 7 (32-bit)", "a\nplain,b", "$(reboot)", "-rf", "a;b"])
@pytest.mark.usefixtures("patiently")
def test_a_name_that_is_no_plain_word_is_offered_by_uuid(
    run: Run, world: Served, alpha: Host, name: str
) -> None:
    vm = str(world.appear(alpha, name))
    assert completed(run, "vm", "explain", vm[:13]) == [vm]
    assert not [word for word in completed(run, "vm", "explain", "") if word in name]


@pytest.mark.usefixtures("patiently")
def test_names_on_this_machine_are_offered_without_a_server(alone: Run) -> None:
    for name in ("north", "south"):
        words = ("--url", "https://example.org", "--no-check")
        assert alone("context", "add", name, *words, input="k\n").exit_code == 0
    assert completed(alone, "context", "use", "") == ["north", "south"]
    assert completed(alone, "vm", "list", "--context", "no") == ["north"]
    contexts_file().write_text("use = ")
    assert completed(alone, "context", "use", "") == []


@pytest.mark.usefixtures("patiently")
def test_ids_of_operations_are_offered(run: Run, world: Served, alpha: Host) -> None:
    world.ours(alpha, "asked-for")
    with world.client() as client:
        newest = client.operations(limit=1)[0]["id"]
    assert completed(run, "operation", "show", newest[:8]) == [newest]


@pytest.mark.usefixtures("patiently")
def test_the_server_that_was_said_is_asked(alone: Run, world: Served, alpha: Host) -> None:
    said = ("--url", world.url, "--key", KEYS["bert"])
    assert completed(alone, "host", "show", *said, "al") == ["alpha"]
    added = alone("context", "add", "here", "--url", world.url, input=f"{KEYS['anna']}\n")
    assert added.exit_code == 0
    assert alone("context", "rename", "here", "there").exit_code == 0
    assert completed(alone, "host", "show", "--context", "there", "al") == ["alpha"]


def test_without_a_server_nothing_is_offered(alone: Run) -> None:
    assert completed(alone, "vm", "stop", "") == []


def test_a_server_that_hangs_delays_no_shell(alone: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        monkeypatch.setenv("VMUSTER_URL", f"http://127.0.0.1:{deaf.getsockname()[1]}")
        monkeypatch.setenv("VMUSTER_API_KEY", "k")
        before = time.monotonic()
        assert completed(alone, "vm", "stop", "") == []
        assert time.monotonic() - before < 10 * PATIENCE_SECONDS
