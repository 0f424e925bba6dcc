"""What people say of automation: armed or disarmed, and what becomes of a plan that is held."""

from functools import partial
from typing import Final

from vmuster.model.automation import HeldPlan, HoldState
from vmuster.model.host import Cluster, Fleet, Host
from vmuster.server.requests.arming import ArmingScope
from vmuster.server.service import Service
from vmuster.sim.verbs.meaning import host_of, host_there
from vmuster.sim.verbs.requests.asking import ask, request
from vmuster.sim.verbs.verb import Pointless
from vmuster.sim.world.decided import Word
from vmuster.sim.world.world import World

_WHY: Final = "work is done there"
_ROWS: Final = {
    ArmingScope.FLEET: Fleet,
    ArmingScope.CLUSTER: Cluster,
    ArmingScope.HOST: Host,
}
_APPROVED: Final = Word(kind=HeldPlan, field="state", value=HoldState.APPROVED)
_REJECTED: Final = Word(kind=HeldPlan, field="state", value=HoldState.REJECTED)


async def _disarm(scope: ArmingScope, world: World, actor: str, name: str = "") -> None:
    what = f"disarms {name or 'the fleet'}"
    await ask(
        world,
        actor,
        what,
        lambda s, _: s.arming.disarm(scope, name, why=_WHY, actor=actor),
        _word(scope, name, disarmed=True),
    )


async def _arm(scope: ArmingScope, world: World, actor: str, name: str = "") -> None:
    what = f"arms {name or 'the fleet'}"
    await ask(
        world,
        actor,
        what,
        lambda s, _: s.arming.arm(scope, name, actor=actor),
        _word(scope, name, disarmed=False),
    )


def _word(scope: ArmingScope, name: str, *, disarmed: bool) -> Word:
    return Word(kind=_ROWS[scope], field="disarmed", value=disarmed, name=name)


async def _held(service: Service, host: str) -> HeldPlan:
    known = await host_of(service.store, host)
    plan = await service.store.get(HeldPlan, known.id)
    if plan is None:
        raise Pointless(f"nothing is held on {host}")
    return plan


async def _approve(world: World, actor: str, host: str) -> None:
    _ = host_there(world, host)

    async def asked(service: Service, _key: str) -> object:
        return await service.holds.approve((await _held(service, host)).id, actor=actor)

    await ask(world, actor, f"approves what is held on {host}", asked, _APPROVED)


async def _reject(world: World, actor: str, host: str) -> None:
    _ = host_there(world, host)

    async def asked(service: Service, _key: str) -> object:
        return await service.holds.reject((await _held(service, host)).id, actor=actor)

    await ask(world, actor, f"rejects what is held on {host}", asked, _REJECTED)


ARMING: Final = (
    *(
        request(f"{{actor}} {word} {place}", partial(do, scope), what)
        for word, do, what in (
            ("disarms", _disarm, "Nothing is done by itself there."),
            ("arms", _arm, "What the policies allow is done by itself again."),
        )
        for scope, place in (
            (ArmingScope.HOST, "host {host}"),
            (ArmingScope.CLUSTER, "cluster {cluster}"),
            (ArmingScope.FLEET, "the fleet"),
        )
    ),
    request("{actor} approves what is held on {host}", _approve, "A held plan may pass."),
    request("{actor} rejects what is held on {host}", _reject, "A held plan is not done."),
)
