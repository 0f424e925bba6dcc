"""The commands of README.md and docs/operating.md, typed one after the other on a real machine.

A server of its own is started by the very command that the page shows; its host is a real libvirt
with real guests. What a page calls by a name that only a reader can have is put in by a table.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Final

import pytest

from tests.conformance.drivers.libvirt_rig import LibvirtRig
from tests.documents import blocks, lines
from tests.keypairs import Authority, Login
from tests.torture.stage import until
from vmuster.demo.hosts import SessionHost

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]
COMMAND_SECONDS: Final = 60.0
NOT_HERE: Final = {
    "./dev demo": "it is played by test_demo.py",
    "./dev test": "it is what runs this",
}
"""Commands that can't be run here, and why."""
REFUSED: Final = {
    r"host add east": "east.example.org",
    r"host add west": "west",
    r"host add --from": "see the reason of each",
    r"host remove alpha$": "of ours",
    r"host remove alpha --forget": "no host alpha",
    r"vm forget web-01$": "web-01",
    r"vm forget web-01 --on beta": "web-01",
    r"plan reject ID": "",
    r"doctor": "checks failed",
}
"""Commands that are refused on a machine that is well, as their page says; a word of why."""


class Machine:
    """A folder with what a reader has, a server, and a shell."""

    def __init__(self, folder: Path, here: SessionHost) -> None:
        self.folder = folder
        self._server: subprocess.Popen[bytes] | None = None
        authority = Authority("somebody")
        certificate, key = authority.client()
        texts = {
            "ca.pem": authority.certificate,
            "client.pem": certificate,
            "client.key": key,
            ".ssh/id_ed25519": Login().private,
            "hosts.txt": b"south tls south.example.org\n",
            "backups/none": b"",
            "safe/none": b"",
        }
        for name, text in texts.items():
            (folder / name).parent.mkdir(exist_ok=True, mode=0o700)
            (folder / name).write_bytes(text)
            (folder / name).chmod(0o600)
        (folder / "vmuster").write_text(f'#!/bin/sh\nexec {sys.executable} -m vmuster.cli "$@"\n')
        (folder / "vmuster").chmod(0o700)
        self._table: list[tuple[str, Callable[[], str]]] = [
            (r"add here --local", lambda: f"add here --loopback {here.port}"),
            (r"SHA256:…", lambda: f"SHA256:{'A' * 43}"),
            (r"/srv/backups", lambda: str(folder / "backups")),
            (r"/media/safe", lambda: str(folder / "safe")),
            (r"\bID\b", lambda: "$(vmuster plan list -o name | head -n 1)"),
            (r"http://127.0.0.1:8040", lambda: "$VMUSTER_URL"),
        ]

    def type(self, line: str) -> None:
        """Type a line of a page, with what only a reader can know put in."""
        if line in NOT_HERE:
            return
        typed = line
        for name, said in self._table:
            typed = re.sub(name, lambda _, said=said: said(), typed)
        if re.fullmatch(r"vmuster serve *&?", typed):
            self.serve()
            return
        done = self.run(typed)
        if done.returncode and "--yes" in done.stderr:
            done = self.run(f"{typed} --yes")
        said = done.stdout + done.stderr
        assert "Traceback" not in said, (line, said)
        why = next((why for pattern, why in REFUSED.items() if re.search(pattern, line)), None)
        assert done.returncode == 0 or (done.returncode == 1 and why is not None), (line, said)
        assert done.returncode == 0 or str(why) in said, (line, said)
        if line.startswith("kill "):
            self.stop()

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        """What a shell makes of a command."""
        return subprocess.run(
            ["bash", "-uc", command],
            cwd=self.folder,
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    def must(self, command: str) -> str:
        """What a command prints that has to be done."""
        done = self.run(command)
        assert done.returncode == 0, (command, done.stderr)
        return done.stdout

    def serve(self) -> None:
        """Start the server, as it is started by a page, and wait until it answers."""
        with (self.folder / "log").open("ab") as log:
            self._server = subprocess.Popen(
                ["bash", "-c", "exec vmuster serve"],
                cwd=self.folder,
                env=self._environment(),
                stderr=log,
            )
        until(lambda: self.run("vmuster status").returncode == 0, "the server answers")

    def stop(self) -> None:
        """Have no server run."""
        if self._server is not None:
            self._server.terminate()
            self._server.wait(COMMAND_SECONDS)
            self._server = None

    def _environment(self) -> dict[str, str]:
        state = self.folder / "state"
        environment = {
            "PATH": f"{self.folder}:{os.environ['PATH']}",
            "HOME": str(self.folder),
            "VMUSTER_STATE_DIR": str(state),
            "VMUSTER_PORT": "0",
            "VMUSTER_ALLOW_LOOPBACK_HOSTS": "true",
            "SERVER": str(self._server.pid) if self._server else "",
            "no_proxy": "*",
        }
        client = state / "client.toml"
        if client.exists():
            said = dict(re.findall(r'^(\w+) = "(.*)"$', client.read_text(), re.MULTILINE))
            environment |= {"VMUSTER_URL": said["url"], "VMUSTER_API_KEY": said["key"]}
        return environment


@pytest.fixture
def rig(hosts: list[SessionHost]) -> Generator[LibvirtRig]:
    rig = LibvirtRig(*hosts)
    try:
        yield rig
    finally:
        rig.clean()


@pytest.fixture
def machine(hosts: list[SessionHost], tmp_path: Path) -> Generator[Machine]:
    machine = Machine(tmp_path, hosts[0])
    try:
        yield machine
    finally:
        machine.stop()


def test_the_commands_of_the_readme(machine: Machine, rig: LibvirtRig) -> None:
    """README.md"""
    rig.define(name="web-01", running=True)
    for block in blocks("README.md"):
        for line in lines(block):
            machine.type(line)


def test_the_commands_of_the_page_on_operating(
    machine: Machine, rig: LibvirtRig, hosts: list[SessionHost]
) -> None:
    """docs/operating.md: on host alpha, which has a VM of ours, and strays with names of ours."""
    on_alpha = LibvirtRig(hosts[1], hosts[0])
    try:
        on_alpha.define(name="web-01", running=True)
        machine.serve()
        machine.must(f"vmuster host add alpha --loopback {hosts[1].port}")
        quick = "report_seconds=0.3 quiet_seconds=0 steady_seconds=0"
        machine.must(f"vmuster cluster policy set default {quick} --yes")
        machine.must("vmuster host mode alpha manage --yes")
        machine.must("vmuster vm adopt web-01")
        for block in blocks("docs/operating.md"):
            _given(block, machine, on_alpha)
            for line in lines(block):
                machine.type(line)
    finally:
        on_alpha.clean()


def _given(block: str, machine: Machine, rig: LibvirtRig) -> None:
    """What a block takes for granted."""
    if "plan show ID" in block:
        machine.must("vmuster arm --yes && vmuster arm --cluster default --yes")
        for number in (78, 79):
            rig.define(name=f"i-2-{number}-VM", running=True)
        loose = "unknown_vms=stop-by-name stops_per_pass_max=1"
        machine.must(f"vmuster cluster policy set default {loose} --yes")
        until(lambda: bool(machine.must("vmuster plan list -o name")), "a plan is held")
    if "restore --undo" in block:
        machine.stop()
    elif "quarantine show" in block and "kill" not in block:
        machine.serve()
