"""The witness on a Linux host: which VMs have a QEMU process, by the process table alone.

A hypervisor's library can forget a running VM (its runtime folder was lost, its configuration
was not mounted); its process is still there, with the VM's uuid on the command line.

A process that is seen is there. That one is not seen means something only where the hypervisor's
own daemon is seen: in a container, or under `hidepid`, a process table is true and not whole.
"""

import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final
from uuid import UUID

import msgspec

from vmuster.model.ids import VmUuid

UUID_OPTION: Final = b"-uuid"
"""What stands before a VM's uuid in the arguments of its process."""

FindDaemon = Callable[[], int | None]
"""The process id of the hypervisor's daemon; None where it has none in our process table."""

_PROC: Final = Path("/proc")
_BOOT: Final = "sys/kernel/random/boot_id"
_ARGUMENTS_BYTES_MAX: Final = 1 << 20
_DAEMONS: Final = ("libvirtd", "virtqemud", "systemd")
"""What the name of a daemon's process holds; systemd opens the socket and starts the daemon."""
_START_FIELD: Final = 19
"""Where `/proc/<pid>/stat` tells when a process began, counted after its name."""


_SYSTEM_PLACE: Final = b"/var/lib/libvirt/qemu"
_SESSION_PLACE: Final = b"/libvirt/qemu/lib"
_KEY_FILE: Final = re.compile(rb'file"?[:=]"?(/[^",]+)/domain-[^/",]+/master-key\.aes')
"""How libvirt has told QEMU of a secret since its version 2.2: in a folder of the VM in its own."""


def nowhere() -> None:
    """A daemon that nobody can see."""


class _Holder(msgspec.Struct, frozen=True, kw_only=True):
    """A process that holds a VM."""

    pid: int
    arguments: Sequence[bytes]

    @property
    def place(self) -> bytes | None:
        """Where the daemon that began it keeps the files of its VMs; None where it does not say."""
        found = (_KEY_FILE.search(argument) for argument in self.arguments)
        return next((match.group(1) for match in found if match is not None), None)


class ProcWitness:
    """Reads `/proc/*/cmdline`. `proc` is an argument so that a test can lay out its own."""

    answer_seconds: float = 2.0
    """Thousands of processes are read in a tenth of it."""

    def __init__(self, find_daemon: FindDaemon = nowhere, proc: Path = _PROC) -> None:
        self._find_daemon = find_daemon
        self._proc = proc
        self._daemon: tuple[int, bytes] | None = None

    def holds(self, vm: VmUuid) -> bool | None:
        """Whether a process has the arguments `-uuid <vm>`; None where there is no way to tell."""
        found, whole = self._look()
        if vm in found:
            return True
        return False if whole else None

    def held(self) -> frozenset[VmUuid] | None:
        """The uuids of all such processes; None where there is no way to tell of every VM."""
        found, whole = self._look()
        return frozenset(found) if whole else None

    def process(self, vm: VmUuid) -> str:
        """The boot, the id and the beginning of the one process with the arguments `-uuid <vm>`;
        empty where another one may be hidden."""
        found, whole = self._look()
        holders = found.get(vm, ())
        if not whole or len(holders) != 1:
            return ""
        (holder,) = holders
        try:
            boot = (self._proc / _BOOT).read_text("ascii").strip()
        except (OSError, ValueError):
            return ""
        began = self._began(holder.pid)
        return "" if began is None else f"{boot}:{holder.pid}:{began[1].decode()}"

    def strange(self) -> frozenset[VmUuid]:
        """The VMs of which every process that is seen keeps its files elsewhere than this daemon
        does; none where it is not known where that is."""
        places = self._places()
        if not places:
            return frozenset()
        ours = {None, *places}
        found, _ = self._look()
        return frozenset(
            vm for vm, holders in found.items() if all(each.place not in ours for each in holders)
        )

    def _places(self) -> frozenset[bytes]:
        """The folders in which the daemon may keep the files of its VMs; none where nobody can
        tell. A session's is under its user's, or its own, configuration."""
        try:
            if not self._sees_daemon() or self._daemon is None:
                return frozenset()
            said = (self._proc / str(self._daemon[0]) / "environ").read_bytes().split(b"\0")
        except OSError:
            return frozenset()
        set_ = {name: value for name, _, value in (each.partition(b"=") for each in said)}
        homes = [set_.get(b"XDG_CONFIG_HOME"), set_.get(b"HOME") and set_[b"HOME"] + b"/.config"]
        return frozenset({_SYSTEM_PLACE, *(home + _SESSION_PLACE for home in homes if home)})

    def alive(self) -> bool | None:
        """The host lives: this is it."""
        return True

    def _look(self) -> tuple[Mapping[VmUuid, Sequence[_Holder]], bool]:
        """The VMs that are seen, each with the processes that hold it, and whether none can be
        hidden.

        A process that ends while we read is not there; one that we may not read could be anything.
        """
        found = defaultdict[VmUuid, list[_Holder]](list)
        try:
            whole = self._sees_daemon()
            for process in self._proc.iterdir():
                if not process.name.isdecimal():
                    continue
                try:
                    with (process / "cmdline").open("rb") as file:
                        arguments = file.read(_ARGUMENTS_BYTES_MAX).split(b"\0")
                except (FileNotFoundError, ProcessLookupError):
                    continue
                except OSError:
                    whole = False
                    continue
                for vm in vms_in(arguments):
                    found[vm].append(_Holder(pid=int(process.name), arguments=arguments))
        except OSError:
            whole = False
        return found, whole

    def _sees_daemon(self) -> bool:
        """Whether this process table is our own, and the hypervisor's daemon is in it.

        The daemon is looked for again only once it has gone: to ask is to connect to it.
        """
        if (self._proc / "self").readlink().name != str(os.getpid()):
            return False
        if self._daemon is None or self._started(self._daemon[0]) != self._daemon[1]:
            pid = self._find_daemon()
            began = None if pid is None else self._started(pid)
            self._daemon = None if pid is None or began is None else (pid, began)
        return self._daemon is not None

    def _started(self, pid: int) -> bytes | None:
        """When a daemon's process began; None where there is no such process."""
        name, began = self._began(pid) or ("", None)
        return began if any(part in name for part in _DAEMONS) else None

    def _began(self, pid: int) -> tuple[str, bytes] | None:
        """The name of a process and when it began, in ticks since the boot of its machine; None
        where there is no such process."""
        try:
            head, _, tail = (self._proc / str(pid) / "stat").read_bytes().rpartition(b")")
        except (FileNotFoundError, ProcessLookupError):
            return None
        return head.partition(b"(")[2].decode(errors="replace"), tail.split()[_START_FIELD]


def vms_in(arguments: Iterable[bytes]) -> list[VmUuid]:
    """The values of `-uuid` among the arguments of processes; what is no uuid is passed over."""
    found: list[VmUuid] = []
    for option, value in pairwise(arguments):
        if option == UUID_OPTION:
            try:
                found.append(VmUuid(UUID(value.decode("ascii"))))
            except ValueError:
                continue
    return found
