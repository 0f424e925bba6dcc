"""The witness on a Linux host: which VMs have a QEMU process, by the process table alone.

A hypervisor's library can forget a running VM (its runtime folder was lost, its configuration
was not mounted); its process is still there, with the VM's uuid on the command line.
"""

from itertools import pairwise
from pathlib import Path
from typing import Final, Protocol
from uuid import UUID

from vmuster.model.ids import VmUuid
from vmuster.ports.driver import Witness

_PROC: Final = Path("/proc")
_OPTION: Final = b"-uuid"
_ARGUMENTS_BYTES_MAX: Final = 1 << 20


class Census(Witness, Protocol):
    """A witness that can also name every VM it sees, in one go."""

    def held(self) -> frozenset[VmUuid] | None:
        """The VMs that a process holds; None where there is no way to tell."""
        ...


class ProcWitness:
    """Reads `/proc/*/cmdline`. `proc` is an argument so that a test can lay out its own."""

    def __init__(self, proc: Path = _PROC) -> None:
        self._proc = proc

    def holds(self, vm: VmUuid) -> bool | None:
        """Whether a process has the arguments `-uuid <vm>`; None where `/proc` is unreadable."""
        held = self.held()
        return None if held is None else vm in held

    def held(self) -> frozenset[VmUuid] | None:
        """The uuids of all such processes; None where `/proc`, or any process in it, is unreadable.

        A process that ends while we read is not there; one that we may not read could be anything.
        """
        found: set[VmUuid] = set()
        try:
            processes = [entry for entry in self._proc.iterdir() if entry.name.isdecimal()]
            for process in processes:
                try:
                    with (process / "cmdline").open("rb") as file:
                        found.update(_uuids(file.read(_ARGUMENTS_BYTES_MAX)))
                except (FileNotFoundError, ProcessLookupError):
                    continue
        except OSError:
            return None
        return frozenset(found) if processes else None


def _uuids(command_line: bytes) -> list[VmUuid]:
    """The values of `-uuid` in a NUL-separated command line."""
    arguments = command_line.split(b"\0")
    found: list[VmUuid] = []
    for option, value in pairwise(arguments):
        if option == _OPTION:
            try:
                found.append(VmUuid(UUID(value.decode("ascii"))))
            except ValueError:
                continue
    return found
