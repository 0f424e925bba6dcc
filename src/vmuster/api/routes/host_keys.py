"""Route of the keys by which an ssh host is known: what it shows now, and what is known of it."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from vmuster.api.inputs.asking import ServiceOf
from vmuster.api.inputs.bodies import KeyQuestion
from vmuster.api.outputs.answers import answer_list
from vmuster.api.outputs.schemas import gives_list
from vmuster.server.secrets.host_keys import HostKey

router: Final = APIRouter(prefix="/host-keys", tags=["hosts"])


class FoundKey(HostKey, frozen=True, kw_only=True):
    """A host key. `shown`: the host shows it now; `known`: it is in the known_hosts file of the
    user that the server runs as. Keys that are known and not shown mean that somebody else may be
    answering."""

    shown: bool
    known: bool


@router.post("", responses=gives_list(FoundKey))
async def find_host_keys(body: KeyQuestion, service: ServiceOf) -> Response:
    """The keys of an ssh server, the best kind first, shown or known. Nothing is pinned by it."""
    shown = await service.host_keys.scan(body.address, body.port)
    known = await service.host_keys.known(body.address, body.port)
    found = [
        FoundKey(
            type=each.type,
            key=each.key,
            fingerprint=each.fingerprint,
            shown=each in shown,
            known=each in known,
        )
        for each in dict.fromkeys((*shown, *known))
    ]
    return answer_list(found)
