"""Stand-ins for libvirt's objects, for what a real one can't be made to do on demand."""

from collections.abc import Callable, Sequence
from typing import cast
from uuid import UUID

import libvirt  # pyright: ignore[reportMissingTypeStubs]

from vmuster.model.ids import VmUuid


class FakeError(libvirt.libvirtError):
    """A libvirt error with a code of our choice."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self._code = code

    def get_error_code(self) -> int:
        return self._code


def error(code: int, message: str = "it failed") -> libvirt.libvirtError:
    """A libvirt error with this code.

    The library's error takes the words of the thread's last real one; there must be none left.
    """
    libvirt.virResetLastError()
    return FakeError(code, message)


class FakeDomain:
    """A running, persistent domain without a mark. `state` may be a function that raises."""

    def __init__(self, vm: VmUuid, *, name: str = "a", state: tuple[int, int] = (1, 1)) -> None:
        self.vm = vm
        self.title = name
        self.now = state
        self.failure: libvirt.libvirtError | None = None
        self.save_failure: Callable[[], None] | None = None
        self.metadata_text: str | None = None
        self.stored_metadata_text: str | None = None
        self.number = 7
        self.calls: list[str] = []

    def UUIDString(self) -> str:  # noqa: N802 - libvirt's name
        return str(self.vm)

    def name(self) -> str:
        return self.title

    def state(self) -> list[int]:
        if self.failure is not None:
            raise self.failure
        return list(self.now)

    def metadata(self, _kind: int, _uri: str, where: int) -> str:
        stored = where == libvirt.VIR_DOMAIN_AFFECT_CONFIG
        text = self.stored_metadata_text if stored else self.metadata_text
        if text is None:
            raise error(libvirt.VIR_ERR_NO_DOMAIN_METADATA)
        return text

    def ID(self) -> int:  # noqa: N802 - libvirt's name
        return self.number if self.isActive() else -1

    def setMetadata(self, *_arguments: object) -> int:  # noqa: N802 - libvirt's name
        self.calls.append("setMetadata")
        return 0

    def isActive(self) -> int:  # noqa: N802 - libvirt's name
        return int(self.now[0] != libvirt.VIR_DOMAIN_SHUTOFF)

    def isPersistent(self) -> int:  # noqa: N802 - libvirt's name
        return 1

    def hasManagedSaveImage(self) -> int:  # noqa: N802 - libvirt's name
        return 0

    def managedSave(self) -> int:  # noqa: N802 - libvirt's name
        self.calls.append("managedSave")
        if self.save_failure is not None:
            self.save_failure()
        return 0

    def resume(self) -> int:
        self.calls.append("resume")
        self.now = (libvirt.VIR_DOMAIN_RUNNING, libvirt.VIR_DOMAIN_RUNNING_UNPAUSED)
        return 0


class FakeConnection:
    """A connection to a host with these domains; `alive` says whether its socket is open."""

    def __init__(self, domains: Sequence[FakeDomain] = (), *, alive: bool = True) -> None:
        self.domains = {domain.vm: domain for domain in domains}
        self.alive = alive

    def isAlive(self) -> int:  # noqa: N802 - libvirt's name
        return int(self.alive)

    def listAllDomains(self, _flags: int = 0) -> list[FakeDomain]:  # noqa: N802 - libvirt's name
        return list(self.domains.values())

    def lookupByUUID(self, uuid: bytes) -> FakeDomain:  # noqa: N802 - libvirt's name
        domain = self.domains.get(VmUuid(UUID(bytes=uuid)))
        if domain is None:
            raise error(libvirt.VIR_ERR_NO_DOMAIN)
        return domain

    @property
    def real(self) -> libvirt.virConnect:
        """This, as the type checker wishes to see it."""
        return cast("libvirt.virConnect", self)
