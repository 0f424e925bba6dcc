"""A store that knows when each host was heard last, and tells of every commit."""

import asyncio
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from vmuster.model.changes import Changes
from vmuster.model.errors import VmusterError
from vmuster.model.host import Host
from vmuster.model.ids import VmUuid
from vmuster.model.vm import Sighting
from vmuster.ports.store import HostAsked, HostRows, Row, Store
from vmuster.reconcile.stirring import Stirred, stirred
from vmuster.server.paging import find_all
from vmuster.server.passes.accounts import Accounts
from vmuster.server.relayed import RelayedStore


class _OverlaidStore(RelayedStore):
    """Lays what `accounts` remembers over the rows of hosts."""

    def __init__(self, store: Store, accounts: Accounts) -> None:
        super().__init__(store)
        self._accounts = accounts

    async def get(self, kind: type[Row], *key: object) -> Row | None:
        """As `Store.get`."""
        found = await self._store.get(kind, *key)
        return self._overlaid(found) if found is not None else None

    async def find(self, kind: type[Row], /, **chosen: Any) -> Sequence[Row]:
        """As `Store.find`."""
        found = await self._store.find(kind, **chosen)
        return [self._overlaid(row) for row in found] if kind is Host else found

    async def load_hosts(
        self, asked: Sequence[HostAsked], since: float
    ) -> Sequence[HostRows | None]:
        """As `Store.load_hosts`."""
        return [
            rows and msgspec.structs.replace(rows, host=self._accounts.overlaid(rows.host))
            for rows in await self._store.load_hosts(asked, since)
        ]

    def _overlaid(self, row: Row) -> Row:
        return self._accounts.overlaid(row) if isinstance(row, Host) else row


class AccountedStore(_OverlaidStore):
    """Lays what `accounts` remembers over the rows of hosts, and tells them of every commit. What
    is rehearsed goes by the same rows; it does not happen, and is not told."""

    def __init__(self, store: Store, accounts: Accounts) -> None:
        super().__init__(store, accounts)
        self._under_way: set[asyncio.Task[list[str]]] = set()

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        """As `Store.commit`. A caller that is cancelled may have its changes written after that:
        the accounts are told when that is so, and not before."""
        task = asyncio.create_task(self._committed(changes))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return await asyncio.shield(task)

    async def weigh(self, kinds: Collection[type[msgspec.Struct]]) -> str:
        """As `Store.weigh`, after all that is on its way into the database."""
        await asyncio.gather(*self._under_way, return_exceptions=True)
        return await super().weigh(kinds)

    async def _committed(self, changes: Sequence[Changes]) -> list[str]:
        with self._accounts.writing(_hosts_in(changes)):
            try:
                refused = await self._store.commit(changes)
            except BaseException:
                self._accounts.stir(Stirred(everything=True))  # nobody knows what was written
                raise
            written = [each for each, why in zip(changes, refused, strict=True) if not why]
            self._note(written)
        await self._look_up(self._stir(written))
        return refused

    def _note(self, written: Sequence[Changes]) -> None:
        """Know the hosts as they are now."""
        for write in (write for each in written for write in each.writes):
            match write.before, write.after:
                case _, Host() as host:
                    self._accounts.written(host)
                case Host() as host, None:
                    self._accounts.forget(host.id)
                case _:
                    pass

    def _stir(self, written: Sequence[Changes]) -> Stirred:
        """Stir what these sets concern; what is returned is known by VMs and names alone, and their
        hosts are still to be looked up."""
        stir = [stirred(each) for each in written]
        for each in stir:
            self._accounts.stir(each)
        vms = frozenset[VmUuid]().union(*(each.everywhere for each in stir))
        names = frozenset[str]().union(*(each.names for each in stir))
        return Stirred(everywhere=vms, names=names)

    async def _look_up(self, stirred: Stirred) -> None:
        """Stir VMs wherever they were seen; where nobody knows, every host."""
        for field, values in (("uuid", stirred.everywhere), ("name", stirred.names)):
            if not values:
                continue
            equal: dict[str, Any] = {field: values}
            try:
                seen = await find_all(self._store, Sighting, readable=True, **equal)
            except VmusterError:
                self._accounts.stir(Stirred(everything=True))
            else:
                known = frozenset((sighting.host, sighting.uuid) for sighting in seen)
                self._accounts.stir(Stirred(vms=known))

    @asynccontextmanager
    async def rehearsal(self) -> AsyncGenerator[Store]:
        """As `Store.rehearsal`."""
        async with self._store.rehearsal() as store:
            yield _OverlaidStore(store, self._accounts)


def _hosts_in(changes: Sequence[Changes]) -> list[Host]:
    """The hosts that are to be written."""
    writes = (write for each in changes for write in each.writes)
    return [write.after for write in writes if isinstance(write.after, Host)]
