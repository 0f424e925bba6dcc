"""`vmuster completion`, in the shells themselves."""

import os
import pty
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.served import KEYS, Served
from tests.unit.cli.conftest import Run
from vmuster.model.host import Host

PATIENCE_SECONDS = 30.0
SHELLS = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--no-config", "-i"],
}
SET_UP = {
    "bash": 'eval "$(vmuster completion bash)"',
    "zsh": 'autoload -U compinit; compinit -u -D; eval "$(vmuster completion zsh)"',
    "fish": "vmuster completion fish | source",
}


@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_for_each_shell(alone: Run, shell: str) -> None:
    script = alone("completion", shell).stdout
    assert "_VMUSTER_COMPLETE" in script
    assert f"{shell}_complete" in script


def test_commands_are_completed(alone: Run) -> None:
    environ = {"_VMUSTER_COMPLETE": "bash_complete", "COMP_WORDS": "vmuster ho", "COMP_CWORD": "1"}
    assert alone(env=environ).stdout.strip() == "plain,host"


def test_no_other_shell(alone: Run) -> None:
    assert alone("completion", "csh").exit_code == 2


class Typist:
    """Types into a shell on a terminal, and reads what it shows."""

    def __init__(self, shell: str, environ: dict[str, str]) -> None:
        self._pid, self._terminal = pty.fork()
        if not self._pid:  # the shell's own process
            os.execvpe(SHELLS[shell][0], SHELLS[shell], environ)
        os.set_blocking(self._terminal, False)
        self._shown = b""

    def types(self, text: str) -> None:
        os.write(self._terminal, text.encode())

    def sees(self, text: str) -> None:
        """Wait until a text has been shown."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while text.encode() not in self._shown:
            assert time.monotonic() < deadline, self._shown
            try:
                self._shown += os.read(self._terminal, 65536)
            except BlockingIOError:
                time.sleep(0.02)

    def leaves(self) -> None:
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._terminal)


PATIENTLY = (
    "from vmuster.cli.asking import completing; completing.PATIENCE_SECONDS = 30.0;"
    " from vmuster.cli.main import main; main()"
)
"""The command, with more patience than a person has at a keyboard: this machine may be busy."""


@pytest.mark.parametrize("shell", SHELLS)
def test_names_are_completed_in_the_shell_itself(
    world: Served, alpha: Host, tmp_path: Path, shell: str
) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    world.appear(alpha, f"{shell}-web")
    script = tmp_path / "vmuster"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{PATIENTLY}" "$@"\n')
    script.chmod(0o755)
    typist = Typist(
        shell,
        {
            "PATH": f"{tmp_path}:{os.environ['PATH']}",
            "HOME": str(tmp_path),
            "TERM": "dumb",
            "VMUSTER_URL": world.url,
            "VMUSTER_API_KEY": KEYS["anna"],
        },
    )
    try:
        typist.types(f"{SET_UP[shell]}; echo rea''dy\n")
        typist.sees("ready")
        typist.types(f"vmuster vm show {shell}-w\t")
        typist.sees(f"{shell}-web")
        typist.types("--ho\talp\t")
        typist.sees("--host")
        typist.sees("alpha")
    finally:
        typist.leaves()
