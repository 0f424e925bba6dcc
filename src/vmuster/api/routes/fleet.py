"""Routes of the fleet: its policy, its signing keys, and whether it may act by itself."""

from typing import Final

import msgspec
from fastapi import APIRouter
from starlette.responses import Response

from vmuster.api.inputs.asking import Actor, ServiceOf
from vmuster.api.inputs.bodies import Automation, PolicySettings
from vmuster.api.inputs.tags import IfMatch, answer_tagged
from vmuster.api.outputs.answers import answer, answer_list
from vmuster.api.outputs.paging import Count, Paged, answer_sorted
from vmuster.api.outputs.schemas import gives, gives_list, gives_page
from vmuster.model.host import Fleet
from vmuster.server.answers.status import FleetStatus, status
from vmuster.server.references import fleet_now

router: Final = APIRouter(tags=["fleet"])


class SigningKey(msgspec.Struct, frozen=True, kw_only=True):
    """One key of the fleet. `signs`: whether new marks are signed with it; the marks of the others
    stay good. `public`: its public half (Ed25519), in hexadecimal."""

    id: str
    signs: bool
    public: str


@router.get("/fleet", responses=gives(Fleet))
async def show_fleet(service: ServiceOf) -> Response:
    """The fleet and its policy."""
    return answer_tagged(await fleet_now(service.store))


@router.patch("/fleet/policy", responses=gives(Fleet))
async def change_fleet_policy(
    body: PolicySettings, service: ServiceOf, actor: Actor, expected: IfMatch
) -> Response:
    """Change some settings of the fleet's policy: all of them or none."""
    settings: dict[str, object] = {**body}
    return answer_tagged(
        await service.estate.set_fleet_policy(settings, actor=actor, expected=expected)
    )


@router.put("/automation", responses=gives(FleetStatus))
async def set_automation(body: Automation, service: ServiceOf, actor: Actor) -> Response:
    """Arm or disarm: whether vmuster may act by itself. A person's request is not bound by it."""
    if body.armed:
        await service.arming.arm(body.scope, body.name, actor=actor)
    else:
        await service.arming.disarm(body.scope, body.name, why=body.why, actor=actor)
    return answer(await status(service.context))


@router.get("/keys", responses=gives_page(SigningKey))
async def list_keys(service: ServiceOf, page: Paged, count: Count = False) -> Response:
    """The keys whose marks are good; the first is the one that signs."""
    keys = _keys(await fleet_now(service.store))
    return answer_sorted(keys, page, _place, tuple[bool, str], count=count)


@router.post("/keys/rotate", responses=gives_list(SigningKey))
async def rotate_keys(service: ServiceOf, actor: Actor) -> Response:
    """Make a new signing key. Marks that were signed before stay good."""
    return answer_list(_keys(await service.rotate(actor=actor)))


def _keys(fleet: Fleet) -> list[SigningKey]:
    keys = [
        SigningKey(id=key, signs=key == str(fleet.key), public=public.hex())
        for key, public in fleet.public_keys.items()
    ]
    return sorted(keys, key=_place)


def _place(key: SigningKey) -> tuple[bool, str]:
    return not key.signs, key.id
