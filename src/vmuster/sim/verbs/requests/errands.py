"""What people ask beside: questions, rehearsals, keys, webhooks. None of it may change a VM."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

from vmuster.model.journal import EntryKind
from vmuster.model.keys import ApiKey, Scope
from vmuster.model.states import OperationKind
from vmuster.server.answers.audit import verify
from vmuster.server.answers.preview import preview
from vmuster.server.answers.status import status
from vmuster.server.answers.telling import told
from vmuster.server.requests.quarantine import view
from vmuster.server.service import Service
from vmuster.sim.verbs.meaning import host_of, host_there, known_vm
from vmuster.sim.verbs.requests.asking import ask, request
from vmuster.sim.world.world import World

_LIMIT: Final = 100


async def _status(service: Service) -> object:
    return await status(service.context)


async def _quarantine(service: Service) -> object:
    return await view(service.context)


async def _verify(service: Service) -> object:
    return await verify(service.store, None)


async def _question(
    answer: Callable[[Service], Awaitable[object]], what: str, world: World, actor: str
) -> None:
    await ask(world, actor, what, lambda service, _key: answer(service))


async def _explain(world: World, actor: str, vm: str) -> None:
    uuid = str(known_vm(world, vm))

    async def asked(service: Service, _key: str) -> object:
        return await told(service.store, service.context.clock.now(), uuid, limit=_LIMIT)

    await ask(world, actor, f"asks about {vm}", asked)


async def _preview(world: World, actor: str, host: str) -> None:
    _ = host_there(world, host)

    async def asked(service: Service, _key: str) -> object:
        known = await host_of(service.store, host)
        return await preview(service.context, known, settings={}, mode=None)

    await ask(world, actor, f"asks what would be done on {host}", asked)


async def _rehearse(world: World, actor: str, vm: str) -> None:
    uuid = known_vm(world, vm)

    async def asked(service: Service, _key: str) -> object:
        async with service.rehearsal() as (rehearsed, _):
            _ = await rehearsed.requests.power(OperationKind.STOP, uuid, actor=actor)

    await ask(world, actor, f"rehearses a stop of {vm}", asked)


async def _make_key(world: World, actor: str, name: str) -> None:
    by = ApiKey(name=actor, digest="", created_at=0.0, scope=Scope.ADMIN)
    what = f"makes an API key {name}"
    await ask(world, actor, what, lambda s, _: s.api_keys.create(name, Scope.OPERATE, by=by))


async def _revoke_key(world: World, actor: str, name: str) -> None:
    what = f"revokes the API key {name}"
    await ask(world, actor, what, lambda s, _: s.api_keys.revoke(name, actor=actor))


async def _add_webhook(world: World, actor: str, name: str) -> None:
    async def asked(service: Service, _key: str) -> object:
        url, kinds = f"https://{name}.example.org/", tuple(EntryKind)
        return await service.webhooks.add(name, url, kinds, secret="", actor=actor)

    await ask(world, actor, f"adds webhook {name}", asked)


async def _remove_webhook(world: World, actor: str, name: str) -> None:
    what = f"removes webhook {name}"
    await ask(world, actor, what, lambda s, _: s.webhooks.remove(name, actor=actor))


ERRANDS: Final = (
    *(
        request(f"{{actor}} {what}", partial(_question, answer, what), "A question.")
        for what, answer in (
            ("asks how the fleet is", _status),
            ("asks about the quarantine", _quarantine),
            ("verifies the journal", _verify),
        )
    ),
    request("{actor} asks what was done to {vm}", _explain, "The story of a VM."),
    request("{actor} asks what would be done on {host}", _preview, "The next pass over a host."),
    request("{actor} rehearses a stop of {vm}", _rehearse, "Asked for in vain: nothing is done."),
    request("{actor} makes an API key {name}", _make_key, "A key for somebody."),
    request("{actor} revokes the API key {name}", _revoke_key, "It opens nothing any more."),
    request("{actor} adds webhook {name}", _add_webhook, "Somebody is told of everything."),
    request("{actor} removes webhook {name}", _remove_webhook, "They are told no more."),
)
