"""`vmuster completion`."""

import pytest

from tests.unit.cli.conftest import Run


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_for_each_shell(alone: Run, shell: str) -> None:
    script = alone("completion", shell).stdout
    assert "_VMUSTER_COMPLETE" in script
    assert f"{shell}_complete" in script


def test_commands_are_completed(alone: Run) -> None:
    environ = {"_VMUSTER_COMPLETE": "bash_complete", "COMP_WORDS": "vmuster ho", "COMP_CWORD": "1"}
    assert alone(env=environ).stdout.strip() == "plain,host"


def test_no_other_shell(alone: Run) -> None:
    assert alone("completion", "csh").exit_code == 2
