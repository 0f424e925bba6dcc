"""One act on many VMs: each its own request, each with its outcome."""

import json

import pytest

from tests.served import Served
from tests.unit.cli.conftest import Run
from vmuster.cli.asking.acting import AT_ONCE_MAX, Meant, confirm_many
from vmuster.cli.asking.speaking import Failed
from vmuster.model.host import Host


def typed_thirty(*_asked: object, **_how: object) -> str:
    return " 30 "


def many(count: int) -> list[Meant]:
    return [Meant(name=f"vm\x1b{number}", reference="x") for number in range(count)]


def test_several_are_adopted_stopped_and_released(run: Run, world: Served, alpha: Host) -> None:
    names = [f"several-{number}" for number in range(3)]
    for name in names:
        world.appear(alpha, name)
    result = run("vm", "adopt", *names, "-o", "json")
    assert result.exit_code == 0, result.stderr
    assert [(one["vm"], one["state"]) for one in json.loads(result.stdout)] == [
        (name, "done") for name in names
    ]
    stopped = run("vm", "stop", *names, "--force", "--no-wait", "-o", "csv", "--color", "never")
    assert stopped.stdout.count("pending") == 3
    assert run("vm", "release", *names[:2], "-o", "name").stdout.splitlines() == names[:2]


def test_one_that_fails_leaves_the_others_alone(run: Run, world: Served, alpha: Host) -> None:
    good, passing = world.appear(alpha, "good"), world.appear(alpha, "passing")
    world.do(lambda: world.hypervisor("alpha").undefine(passing))
    world.passes(alpha)
    result = run("vm", "adopt", "nobody", str(good), str(passing), "-o", "json")
    assert result.exit_code == 1
    outcomes = json.loads(result.stdout)
    assert [one["state"] for one in outcomes] == ["refused", "done", "failed"]
    assert outcomes[0]["operation"] is None
    assert outcomes[1]["operation"]["vm"] == str(good)
    assert "2 of 3 requests were refused or failed" in result.stderr
    table = run("vm", "adopt", "nobody", "no\nbody").stdout
    assert "no\\nbody" in table


def test_all_of_one_standing_are_adopted_when_that_is_wanted(run: Run, world: Served) -> None:
    beta = world.add_host("beta")
    for name in ("i-2-1-VM", "i-2-2-VM"):
        world.appear(beta, name)
    words = ("vm", "adopt", "--all", "--host", "beta", "--standing", "lookalike")
    asked = run(*words)
    assert (asked.exit_code, asked.stdout) == (1, "")
    assert "2 VMs:\n  i-2-1-VM\n  i-2-2-VM\n" in asked.stderr
    assert "--yes" in asked.stderr
    done = run(*words, "--yes", "-o", "json")
    assert [one["state"] for one in json.loads(done.stdout)] == ["done", "done"]
    assert "no VM is orphan on host beta" in run(*words[:-1], "orphan", "--yes").stderr


def test_many_are_rehearsed_one_by_one(run: Run, world: Served, alpha: Host) -> None:
    names = ["rehearsed-1", "rehearsed-2"]
    vms = [world.appear(alpha, name) for name in names]
    result = run("vm", "adopt", *names, "nobody", "--dry-run", "-o", "json")
    assert result.exit_code == 1
    outcomes = json.loads(result.stdout)
    assert [one["state"] for one in outcomes] == ["would be asked", "would be asked", "refused"]
    assert outcomes[0]["operation"]["dry_run"] is True
    words = ("vm", "adopt", "--all", "--host", "alpha", "--standing", "alien", "--dry-run")
    every = run(*words)
    assert every.exit_code == 0
    assert "rehearsed-2" in every.stdout
    assert "rehearsed-2" in every.stderr
    assert [world.hypervisor("alpha").acts_on(vm) for vm in vms] == [0, 0]


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--all",),
        ("--standing", "alien"),
        ("a", "--all", "--standing", "alien"),
        ("a", "b", "--name", "c"),
    ],
)
def test_what_is_meant_is_said(run: Run, alpha: Host, words: tuple[str, ...]) -> None:
    assert run("vm", "adopt", *words).exit_code == 2


@pytest.mark.parametrize("act", ["start", "stop", "release"])
def test_none_is_meant_by_nothing(run: Run, alpha: Host, act: str) -> None:
    assert run("vm", act).exit_code == 2


def test_many_take_a_persons_word(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    confirm_many("stop", many(AT_ONCE_MAX), yes=False)
    confirm_many("stop", many(AT_ONCE_MAX + 1), yes=True)
    with pytest.raises(Failed, match=f"not done: stop {AT_ONCE_MAX + 1} VMs"):
        confirm_many("stop", many(AT_ONCE_MAX + 1), yes=False)
    assert "\x1b" not in capsys.readouterr().err
    with pytest.raises(Failed):
        confirm_many("adopt", many(1), yes=False, always=True)
    monkeypatch.setattr("vmuster.cli.asking.acting.can_ask", lambda: True)
    monkeypatch.setattr("click.prompt", typed_thirty)
    confirm_many("stop", many(30), yes=False)
    assert "and 10 more" in capsys.readouterr().err
    with pytest.raises(Failed, match="not their number"):
        confirm_many("stop", many(31), yes=False)


def test_all_that_are_one_are_a_list_still(run: Run, world: Served) -> None:
    """A script must not have to know how many there will be."""
    delta = world.add_host("delta")
    world.appear(delta, "i-2-4-VM")
    words = ("vm", "adopt", "--all", "--host", "delta", "--standing", "lookalike", "--yes")
    done = run(*words, "-o", "json")
    assert [(one["vm"], one["state"]) for one in json.loads(done.stdout)] == [("i-2-4-VM", "done")]


def test_the_plug_is_pulled_on_a_terminal_only_where_that_is_wanted(
    run: Run, world: Served, alpha: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    vm = str(world.ours(alpha, "plugged"))
    for module in ("commands.vms", "asking.confirming"):
        monkeypatch.setattr(f"vmuster.cli.{module}.can_ask", lambda: True)
    refused = run("vm", "stop", vm, "--force", input="n\n")
    assert (refused.exit_code, "you said no" in refused.stderr) == (1, True)
    assert run("vm", "stop", vm, "--force", input="y\n").exit_code == 0
