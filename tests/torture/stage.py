"""The stage of torture: real hosts, and a real server process over them."""

import signal
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar
from uuid import UUID, uuid4

from tests.torture.server_process import ServerProcess
from vmuster.client.errors import ClientError
from vmuster.client.profile import load_profile
from vmuster.client.rest import Client
from vmuster.demo.guests import Behaviour
from vmuster.demo.hosts import SessionHost, session_hosts

_T = TypeVar("_T")
PATIENCE_SECONDS: Final = 60.0
HOSTS: Final = ("alpha", "beta", "gamma")


class Stage:
    """Hosts by their names, and the server over them."""

    def __init__(self, hosts: dict[str, SessionHost], server: ServerProcess, folder: Path) -> None:
        self.hosts = hosts
        self.server = server
        self.folder = folder
        self.own: dict[UUID, str] = {}
        """VMs of ours: the names of the hosts where they were made."""

    def client(self) -> Client:
        """A client of the server; each thread needs one of its own."""
        file = self.server.state / "client.toml"
        return Client(load_profile(url="", key="", environ={}, files=[file]))

    def take(self, client: Client, host: str, cluster: str, **policy: Any) -> None:
        """Add a host in a cluster with this policy, and manage it."""
        if cluster not in {str(known["name"]) for known in client.clusters()}:
            _ = client.add_cluster(cluster)
        _ = client.set_policy(cluster, policy)
        profile = {"kind": "loopback", "port": self.hosts[host].port}
        _ = client.add_host(host, profile, cluster=cluster)
        _ = client.host(host, wait_seconds=20)
        _ = client.set_mode(host, "manage")

    def adopt(self, client: Client, host: str, name: str) -> UUID:
        """A VM of ours, defined by hand and adopted; it does not run."""
        uuid = uuid4()
        _ = self.hosts[host].define(name, uuid, Behaviour.OBEDIENT)
        shown = until(lambda: _or_none(lambda: client.vm(str(uuid))), f"{name} is seen")
        operation = client.adopt(shown["uuid"])
        ended = client.operation(operation["id"], wait_seconds=30)
        if ended["state"] != "done":
            raise RuntimeError(f"{name} was not adopted: {ended['message']}")
        self.own[uuid] = host
        return uuid

    def until_shown(self, client: Client, vm: UUID, phase: str) -> None:
        """Wait until a VM of ours is shown in this phase."""
        _ = until(lambda: client.vm(str(vm))["phase"] == phase, f"{vm} is {phase}")


@contextmanager
def staged(folder: Path) -> Generator[Stage]:
    """Three hosts and a server over them, in `folder`; all is taken away at the end."""
    state = folder / "state"
    state.mkdir(mode=0o700)
    server = ServerProcess(state)
    with session_hosts(len(HOSTS)) as running:
        try:
            server.spawn()
            server.until_it_answers()
            yield Stage(dict(zip(HOSTS, running, strict=True)), server, folder)
        finally:
            server.stop()


def until(condition: Callable[[], _T | None], what: str, seconds: float = PATIENCE_SECONDS) -> _T:
    """Wait until `condition` gives something true, and return it; `TimeoutError` with `what`."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited in vain: {what}")
        time.sleep(0.05)
    return found


def end_as_asked() -> None:
    """Make every way of being ended one that takes all away: SIGINT, SIGTERM, SIGHUP."""

    def interrupt(_signal: int, _frame: object) -> None:
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)


def say(words: str) -> None:
    """Tell how it goes, on stderr."""
    _ = sys.stderr.write(f"{words}\n")
    _ = sys.stderr.flush()


def _or_none(ask: Callable[[], dict[str, Any]]) -> dict[str, Any] | None:
    try:
        return ask()
    except ClientError:
        return None
