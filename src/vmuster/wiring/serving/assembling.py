"""A server's service, put together from its state folder: database, fleet, keys, agents."""

import asyncio
from functools import partial

from vmuster.model.host import Fleet
from vmuster.ports.store import Store
from vmuster.server.context import Context
from vmuster.server.founding import distrust, found
from vmuster.server.service import Service
from vmuster.stores.sql.opening import open_sqlite
from vmuster.wiring.backups.notes import heed, restored
from vmuster.wiring.backups.restoring import finish
from vmuster.wiring.checkup.state_folder import StateFolder
from vmuster.wiring.outside.agents import InProcessAgents
from vmuster.wiring.outside.approaches import Approaches
from vmuster.wiring.outside.clock import SystemClock
from vmuster.wiring.outside.host_keys import SystemKeyScan
from vmuster.wiring.outside.posting import GuardedPoster
from vmuster.wiring.outside.recordings import RecordingFolder
from vmuster.wiring.outside.targets import networks
from vmuster.wiring.secrets.keys import ensure_admin_key, fresh_key
from vmuster.wiring.secrets.sealing import FileSealer
from vmuster.wiring.secrets.signing_keys import SigningKeys
from vmuster.wiring.serving.figures import of_files
from vmuster.wiring.settings import places
from vmuster.wiring.settings.table import Settings


async def assemble(settings: Settings, url: str) -> Service:
    """The service of the state folder: its database, its fleet, its keys. `url`: where it is to be
    served, for the operator's file."""
    await asyncio.to_thread(finish, settings.state_dir)
    store = await asyncio.to_thread(open_sqlite, settings.state_dir / places.DATABASE)
    try:
        return await _assembled(settings, store, url)
    except BaseException:
        await store.close()
        raise


async def _assembled(settings: Settings, store: Store, url: str) -> Service:
    state, clock = settings.state_dir, SystemClock()
    keyring, known = SigningKeys(state / places.SIGNING_KEY), await store.get(Fleet)
    signer = keyring.load(known.key if known is not None else None)
    fleet = await found(store, clock, signer, settings.instance)
    keyring.settle(fleet.key)
    note = restored(state)
    if settings.restored or (note is not None and note.quarantine):
        fleet = await distrust(store, clock, fleet)
    heed(state)
    await ensure_admin_key(store, clock, state / places.CLIENT, url)
    context = Context(store=store, clock=clock, fleet=fleet, signer=signer)
    context.figures.watch(partial(of_files, state / places.DATABASE))
    sealer = FileSealer(state / places.SEALING_KEY)
    approaches = Approaches(state / places.APPROACHES, store, sealer)
    return Service(
        context,
        InProcessAgents(clock, state / places.AGENTS, settings.call_seconds, approaches),
        keyring=keyring,
        sealer=sealer,
        host_keys=SystemKeyScan(),
        poster=GuardedPoster(networks(settings.webhook_allow)),
        surroundings=StateFolder(settings, clock),
        mint=fresh_key,
        loopback_hosts=settings.allow_loopback_hosts,
        recordings=RecordingFolder(state / "recording"),
    )
