"""The doctor of a running server: everything that can be found out about it, in one answer."""

import asyncio
from importlib.metadata import version

import msgspec

from vmuster.model.host import Fleet
from vmuster.server.checkup.checks import Checked, checked
from vmuster.server.checkup.folder import FOLDER
from vmuster.server.checkup.hosts import HOSTS
from vmuster.server.checkup.keys import KEYS
from vmuster.server.checkup.machine import MACHINE
from vmuster.server.checkup.place import Place, Surroundings
from vmuster.server.checkup.records import Reader, Records
from vmuster.server.context import Context
from vmuster.server.secrets.credentials import Sealer


class Examination(msgspec.Struct, frozen=True, kw_only=True):
    """What the doctor says. `version`: of the vmuster that looked; `running`: whether it was a
    server that looked at itself."""

    at: float
    version: str
    running: bool
    deep: bool
    checks: tuple[Checked, ...]


class Doctor:
    """Examines one server."""

    def __init__(self, context: Context, sealer: Sealer, surroundings: Surroundings) -> None:
        self._context = context
        self._surroundings = surroundings
        self._reader = Reader(store=context.store, fits=self._fits, opens=sealer.open)
        self._looking = asyncio.Lock()

    async def examine(self, *, deep: bool) -> Examination:
        """Look at everything. One at a time: a deep look reads the whole database."""
        async with self._looking:
            place = await asyncio.to_thread(self._surroundings.look, deep=deep)
            records = await self._reader.read(place, deep=deep)
        return examined(place, records, running=True, deep=deep)

    def _fits(self, fleet: Fleet) -> bool:
        signer = self._context.signer
        return fleet.key == signer.key and fleet.public_keys.get(str(signer.key)) == signer.public


def examined(place: Place, records: Records | None, *, running: bool, deep: bool) -> Examination:
    """What there is to say about these facts; of `records` None, nothing."""
    checks = [*checked(MACHINE, place), *checked(FOLDER, place)]
    if records is not None:
        checks += checked(KEYS, records)
        checks += checked(HOSTS, records) if running else []
    order = list(dict.fromkeys(check.about for check in checks))
    return Examination(
        at=place.now,
        version=version("vmuster"),
        running=running,
        deep=deep,
        checks=tuple(sorted(checks, key=lambda check: order.index(check.about))),
    )
