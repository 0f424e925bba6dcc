"""Session hosts: real hypervisor hosts without root, many on one machine.

A session host is a libvirtd session daemon with folders, a host uuid and a TCP port of its own.
Where we are root the daemon runs as `nobody`, since root's libvirtd is always the system one. It
runs under `tini -s`, which reaps dead guests at once: libvirt waits for them to be gone.
"""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Final
from uuid import UUID

import libvirt  # pyright: ignore[reportMissingTypeStubs]

from vmuster.demo.guests import Behaviour, Guest, build_image, domain_xml
from vmuster.model.host import LoopbackProfile

_START_SECONDS: Final = 20.0
_STOP_SECONDS: Final = 10.0
_POLL_SECONDS: Final = 0.02
_USER: Final = "nobody"


class SessionHost:
    """One host: a daemon that can be killed, frozen and started again, and its guests.

    `hand` is a connection for acts behind the product's back; after the daemon was killed,
    `start` makes a new one.
    """

    def __init__(self, folder: Path, host_uuid: UUID, images: Path) -> None:
        """`folder` exists, is empty, and its path is short: it will hold UNIX sockets."""
        self.folder = folder
        self.host_uuid = host_uuid
        self.port = _free_port()
        self._images = images
        self._supervisor: subprocess.Popen[bytes] | None = None
        self._hand: libvirt.virConnect | None = None
        for part in ("run", "config/libvirt", "cache", "data"):
            (folder / part).mkdir(parents=True)
        _ = (folder / "libvirtd.conf").write_text(
            f'host_uuid = "{host_uuid}"\n'
            "listen_tls = 0\n"
            "listen_tcp = 1\n"
            'listen_addr = "127.0.0.1"\n'
            f'tcp_port = "{self.port}"\n'
            'auth_tcp = "none"\n'
            "max_client_requests = 20\n"
        )
        # Without this every session host would start a log daemon of its own.
        _ = (folder / "config/libvirt/qemu.conf").write_text('stdio_handler = "file"\n')

    @property
    def profile(self) -> LoopbackProfile:
        """How the product reaches this host."""
        return LoopbackProfile(port=self.port)

    @property
    def uri(self) -> str:
        """How a hand reaches this host."""
        return f"qemu+tcp://127.0.0.1:{self.port}/session"

    @property
    def hand(self) -> libvirt.virConnect:
        """The connection for acts out of band."""
        if self._hand is None:
            raise RuntimeError("the host is not started")
        return self._hand

    @property
    def daemon_pid(self) -> int:
        """The process id of the running daemon."""
        return int((self.folder / "libvirtd.pid").read_text())

    def start(self, warm_cache: Path | None = None) -> None:
        """Start the daemon and wait until it answers.

        `warm_cache`: the folder of a host that has already probed QEMU, which takes a second.
        """
        if warm_cache is not None:
            cache = self.folder / "cache/libvirt"
            _ = shutil.copytree(warm_cache / "cache/libvirt", cache, dirs_exist_ok=True)
        with (self.folder / "log").open("ab") as log:
            self._supervisor = subprocess.Popen(
                self._command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self._hand = _wait_for(self._answer, _START_SECONDS)

    def _command(self) -> list[str]:
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.folder),
            "XDG_RUNTIME_DIR": str(self.folder / "run"),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "XDG_CACHE_HOME": str(self.folder / "cache"),
            "XDG_DATA_HOME": str(self.folder / "data"),
        }
        command = ["env", "-i", *(f"{name}={value}" for name, value in environment.items())]
        if os.geteuid() == 0:
            _give_away(self.folder)
            account = pwd.getpwnam(_USER)
            ids = [f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
            command = ["setpriv", *ids, *command]
        pid_file = self.folder / "libvirtd.pid"
        daemon = ["libvirtd", "--listen", "-f", str(self.folder / "libvirtd.conf")]
        return [*command, "tini", "-s", "--", *daemon, "-p", str(pid_file)]

    def _answer(self) -> libvirt.virConnect | None:
        if self._supervisor is None or self._supervisor.poll() is not None:
            raise RuntimeError(f"the daemon ended at its start:\n{self._log_tail()}")
        with contextlib.suppress(libvirt.libvirtError):
            return libvirt.open(self.uri)
        return None

    def _log_tail(self) -> str:
        return (self.folder / "log").read_text(errors="replace")[-2000:]

    def kill_daemon(self) -> None:
        """End the daemon as a crash does. Guests live on."""
        os.kill(self.daemon_pid, signal.SIGKILL)
        self._daemon_ended()

    def freeze_daemon(self) -> None:
        """The daemon hangs: it accepts connections and answers nothing."""
        os.kill(self.daemon_pid, signal.SIGSTOP)

    def thaw_daemon(self) -> None:
        """The daemon goes on."""
        os.kill(self.daemon_pid, signal.SIGCONT)

    def _daemon_ended(self) -> None:
        if self._supervisor is not None:
            _ = self._supervisor.wait(_STOP_SECONDS)
            self._supervisor = None
        self._hand = None

    def guest_pids(self) -> dict[UUID, int]:
        """The processes of this host's guests, by uuid; also of those that the daemon forgot."""
        found: dict[UUID, int] = {}
        for process in Path("/proc").iterdir():
            with contextlib.suppress(OSError, ValueError):
                pid = int(process.name)
                arguments = (process / "cmdline").read_bytes().split(b"\0")
                ours = any(bytes(self.folder / "config") in argument for argument in arguments)
                if ours and b"-uuid" in arguments:
                    found[UUID(arguments[arguments.index(b"-uuid") + 1].decode())] = pid
        return found

    def define(
        self, name: str, uuid: UUID, behaviour: Behaviour = Behaviour.OBEDIENT, seconds: int = 2
    ) -> libvirt.virDomain:
        """Define a guest, by hand."""
        image = build_image(self._images, behaviour, seconds)
        return self.hand.defineXML(domain_xml(Guest(name=name, uuid=uuid, image=image)))

    def move(self, uuid: UUID, target: "SessionHost") -> None:
        """Migrate a running guest to another host, by hand and alive. Nothing of it stays here."""
        flags = (
            libvirt.VIR_MIGRATE_LIVE
            | libvirt.VIR_MIGRATE_PEER2PEER
            | libvirt.VIR_MIGRATE_PERSIST_DEST
            | libvirt.VIR_MIGRATE_UNDEFINE_SOURCE
            | libvirt.VIR_MIGRATE_UNSAFE  # the disk is the same file, and read-only
        )
        domain = self.hand.lookupByUUID(uuid.bytes)
        domain.migrateToURI(target.uri, flags)  # pyright: ignore[reportUnknownMemberType, reportAttributeAccessIssue]

    def forget_state(self) -> None:
        """Lose the daemon's runtime state and configuration, as when folders are not mounted.

        To be called while the daemon is down: afterwards it knows nothing of its guests.
        """
        shutil.rmtree(self.folder / "run/libvirt")
        shutil.rmtree(self.folder / "config/libvirt/qemu")

    def stop(self) -> None:
        """End the guests and the daemon; nothing is left running."""
        for pid in self.guest_pids().values():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if self._supervisor is not None:
            with contextlib.suppress(OSError, ValueError):
                os.kill(self.daemon_pid, signal.SIGCONT)
                os.kill(self.daemon_pid, signal.SIGTERM)
            try:
                self._daemon_ended()
            except subprocess.TimeoutExpired:
                self.kill_daemon()


@contextlib.contextmanager
def session_hosts(count: int) -> Generator[list[SessionHost]]:
    """So many running session hosts in a folder of their own; afterwards nothing is left."""
    libvirt.registerErrorHandler(_say_nothing, None)
    root = Path(tempfile.mkdtemp(prefix="vmuster-"))
    root.chmod(0o755)
    images = root / "images"
    images.mkdir()
    hosts: list[SessionHost] = []
    try:
        for number in range(1, count + 1):
            folder = root / f"h{number}"
            folder.mkdir()
            host = SessionHost(folder, UUID(bytes=os.urandom(16), version=4), images)
            hosts.append(host)
            host.start(warm_cache=hosts[0].folder if number > 1 else None)
            _ = host.hand.getCapabilities()
        yield hosts
    finally:
        for host in hosts:
            host.stop()
        shutil.rmtree(root, ignore_errors=True)


def _say_nothing(_context: object, _error: object) -> None:
    """libvirt prints every error on stderr unless it is told not to; we raise them."""


def _free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _give_away(folder: Path) -> None:
    """Make the daemon's user the owner of everything in `folder`."""
    account = pwd.getpwnam(_USER)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)


def _wait_for(
    answer: Callable[[], libvirt.virConnect | None], seconds: float
) -> libvirt.virConnect:
    """What `answer` gives as soon as it is something; `TimeoutError` where it never is."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if (found := answer()) is not None:
            return found
        time.sleep(_POLL_SECONDS)
    raise TimeoutError(f"the daemon did not answer within {seconds:g} s")
