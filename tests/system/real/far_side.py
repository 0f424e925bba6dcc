"""Far sides: an sshd and a TLS port of one's own in front of a session host.

The sshd is real and listens on 127.0.0.1. Whoever logs in is put into the place of the session
host's own user: its account and its folders, so that libvirt's helper finds the session's socket.
"""

import contextlib
import os
import pwd
import shlex
import signal
import socket
import subprocess
import time
from collections.abc import Generator
from pathlib import Path
from typing import Literal

from tests.keypairs import Login
from vmuster.demo.hosts import SessionHost
from vmuster.model.host import SshProfile

START_SECONDS = 20.0
USER = pwd.getpwuid(os.geteuid()).pw_name


class FarSide:
    """An sshd before `host`. It accepts `login`, and can be frozen and ended."""

    def __init__(self, folder: Path, host: SessionHost) -> None:
        self.folder = folder
        self.host = host
        self.login = Login()
        self.key = Login()
        self.port = free_port()
        self._daemon: subprocess.Popen[bytes] | None = None
        folder.mkdir()
        self._place("host_key", self.key.private)
        self._place("authorized_keys", f"{self.login.public}\n".encode())
        self._place("enter", _enter(host).encode())
        (folder / "enter").chmod(0o755)
        settings = {
            "Port": self.port,
            "ListenAddress": "127.0.0.1",
            "HostKey": folder / "host_key",
            "AuthorizedKeysFile": folder / "authorized_keys",
            "PidFile": folder / "sshd.pid",
            "ForceCommand": folder / "enter",
            "UsePAM": "no",
            "StrictModes": "no",
            "PasswordAuthentication": "no",
            "KbdInteractiveAuthentication": "no",
            "PermitRootLogin": "yes",
            "SetEnv": "SHLVL=2",  # or bash runs the .bashrc of whoever runs the tests
            "MaxStartups": "100",
        }
        lines = "".join(f"{name} {value}\n" for name, value in settings.items())
        self._place("sshd_config", lines.encode())

    def _place(self, name: str, content: bytes) -> None:
        path = self.folder / name
        _ = path.write_bytes(content)
        path.chmod(0o600)

    def profile(
        self,
        *,
        credential: str = "",
        host_key: str = "",
        scope: Literal["system", "session"] = "session",
    ) -> SshProfile:
        """How the product reaches it."""
        return SshProfile(
            address="127.0.0.1",
            port=self.port,
            user=USER,
            host_key=host_key or self.key.public,
            scope=scope,
            credential=credential,
        )

    def start(self) -> None:
        """Start it, and wait until it listens."""
        if os.geteuid() == 0:  # where a package's service would have made it
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        log = self.folder / "log"
        with log.open("ab") as file:
            command = ["/usr/sbin/sshd", "-D", "-e", "-f", str(self.folder / "sshd_config")]
            self._daemon = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=file)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), 1.0).close()
                return
            assert self._daemon.poll() is None, log.read_text(errors="replace")
            time.sleep(0.02)
        raise TimeoutError("sshd does not listen")

    def processes(self) -> list[int]:
        """The sshd and all that was started by it, whoever that runs as."""
        if self._daemon is None:
            return []
        found = [self._daemon.pid]
        for pid in found:  # it grows while we go through it
            with contextlib.suppress(OSError):
                children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
                found += [int(child) for child in children.split()]
        return found

    def freeze(self) -> None:
        """The machine hangs: connections are accepted and nobody answers, on old ones neither."""
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on."""
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

    def stop(self) -> None:
        """The machine is gone: nobody listens, and every connection ends."""
        daemon, processes = self._daemon, self.processes()
        self._daemon = None
        if daemon is not None:
            for pid in reversed(processes):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            _ = daemon.wait(START_SECONDS)


@contextlib.contextmanager
def far_side(folder: Path, host: SessionHost) -> Generator[FarSide]:
    """A running far side before `host`; afterwards nothing is left of it."""
    side = FarSide(folder, host)
    side.start()
    try:
        yield side
    finally:
        side.stop()


def _enter(host: SessionHost) -> str:
    """The program that puts whoever logs in into the place of the session host's user."""
    folder = host.folder
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder),
        "XDG_RUNTIME_DIR": str(folder / "run"),
        "XDG_CONFIG_HOME": str(folder / "config"),
        "XDG_CACHE_HOME": str(folder / "cache"),
    }
    words = ["env", "-i", *(f"{name}={value}" for name, value in environment.items())]
    if os.geteuid() == 0:
        account = pwd.getpwnam("nobody")
        ids = [f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
        words = ["setpriv", *ids, *words]
    return f'#!/bin/sh\nexec {shlex.join(words)} /bin/sh -c "$SSH_ORIGINAL_COMMAND"\n'


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
