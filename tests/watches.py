"""A sweep over a bench, and a hand on its hosts: who gives an account, and who does not."""

from tests.servers import Bench, seen, vm
from vmuster.model.host import Host
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.server.watch.sweep import Sweep


class Watch:
    """A sweep over a bench, and a hand on its hosts."""

    def __init__(self, parts: Bench) -> None:
        self.parts = parts
        # A round whenever a test says so is no server that stood still.
        self.sweep = Sweep(parts.context, parts.heard, every_seconds=10_000.0)

    async def host(self, name: str = "alpha") -> Host:
        """A host that has given an account of one VM."""
        host = await self.parts.host(name)
        await self.reports(host)
        return host

    async def reports(self, *hosts: Host) -> None:
        """These hosts give an account, and their hypervisors answer."""
        for host in hosts:
            shown = await self.parts.shown(host) or [seen(vm(900 + len(host.name)))]
            assert await self.parts.report(host, *shown) == ""
            pulses = self.parts.context.pulses
            pulses.heard(host.id)
            pulses.reached(host.id)
            pulses.reported(host.id)

    async def after(self, seconds: float, *well: Host) -> None:
        """A round after `seconds`, in which only these hosts gave signs."""
        self.parts.clock.pass_by(seconds)
        await self.reports(*well)
        await self.sweep.once()

    async def said(self, kind: EntryKind) -> list[JournalEntry]:
        return [e for e in await self.parts.journal() if e.kind is kind and e.actor == "vmuster"]
