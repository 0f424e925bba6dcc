"""Routes that hold the journal to its word: its head, to be written down, and its verification."""

from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Query
from starlette.responses import Response

from vmuster.api.inputs.asking import ServiceOf
from vmuster.api.outputs.answers import answer
from vmuster.api.outputs.schemas import gives
from vmuster.server.answers.anchor import Head, head
from vmuster.server.answers.audit import Anchor, Verdict, verify

router: Final = APIRouter(prefix="/journal", tags=["journal"])
_ANCHOR: Final = r"[0-9]{1,15}:[0-9a-f]{64}"
_MOST: Final = 5000
"""Entries in one request: well under a second."""


class Verification(Verdict, frozen=True, kw_only=True):
    """What was found so far; `next`: where to go on, null at the end."""

    next: str | None = None


@router.get("/head", responses=gives(Head))
async def show_journal_head(service: ServiceOf) -> Response:
    """The journal's last entry and its hash: an anchor, to be written down elsewhere."""
    return answer(await head(service.store))


@router.get("/verification", responses=gives(Verification))
async def verify_journal(
    service: ServiceOf,
    anchor: Annotated[
        str, Query(pattern=f"^({_ANCHOR})?$", description="ID:HASH, as it was written down")
    ] = "",
    cursor: Annotated[
        str, Query(pattern=f"^({_ANCHOR})?$", description="`next` of the answer before")
    ] = "",
) -> Response:
    """Whether the journal is as it was written; some entries at a time."""
    begun = Verdict()
    if cursor:
        number, chain = _read(cursor)
        begun = Verdict(entries=number, head=number, chain=chain)
    found = await verify(service.store, _read(anchor) if anchor else None, begun=begun, most=_MOST)
    more = found.sound and found.entries - begun.entries >= _MOST
    fields = msgspec.structs.asdict(found)
    return answer(Verification(**fields, next=f"{found.head}:{found.chain}" if more else None))


def _read(anchor: str) -> Anchor:
    number, _, chain = anchor.partition(":")
    return int(number), chain
