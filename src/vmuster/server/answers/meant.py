"""Which thing a person means by an id: a VM, an operation, a command, a held plan, or an entry.

An id is whole, or its first eight characters or more, if they are of one thing only; the number of
a journal entry is written with digits alone, or after a `#`. Beginnings are looked for among what
is there now and in the newest part of the journal: older things need their whole id.
"""

import re
from collections.abc import AsyncIterator
from typing import Final
from uuid import UUID

import msgspec

from vmuster.model.automation import HeldPlan
from vmuster.model.commands import OutboxCommand
from vmuster.model.errors import NotFound, Refused
from vmuster.model.ids import VmUuid
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.operations import Operation
from vmuster.model.text import safe
from vmuster.model.vm import Sighting, VmRecord
from vmuster.ports.store import Store
from vmuster.server.answers.story import About
from vmuster.server.references import uuid_in

_NUMBER: Final = re.compile(r"#?([0-9]{1,15})", re.ASCII)
_BEGINNING: Final = re.compile(r"[0-9a-f-]{8,35}")
_NEWEST: Final = 5000
"""Journal entries, and sightings, in which the beginning of an id is looked for."""
_NAMED_MAX: Final = 5


class Meant(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """One thing: its kind, and its whole id as text."""

    about: About
    id: str

    @property
    def uuid(self) -> UUID:
        """The id of anything but a journal entry."""
        return UUID(self.id)


async def meant(store: Store, reference: str) -> Meant:
    """The one thing with this id; `NotFound`, or `Refused` where it may be one of several."""
    found = sorted([each async for each in _candidates(store, reference)])
    if not found:
        raise NotFound(
            f"nothing with the id {safe(reference)} is known",
            hint="an id has at least 8 characters; or say the name of a VM, or the number of a"
            " journal entry",
        )
    if len(found) > 1:
        listed = ", ".join(f"{each.about} {each.id}" for each in found[:_NAMED_MAX])
        raise Refused(f"{safe(reference)} may be one of several", hint=f"say more of it: {listed}")
    return found[0]


async def plan_entry(store: Store, plan: UUID) -> JournalEntry | None:
    """The entry that told of a held plan, among the newest; None where there is none."""
    held = await store.find(
        JournalEntry, kind=EntryKind.HELD, newest_first=True, limit=_NEWEST, readable=True
    )
    return next((entry for entry in held if entry.evidence.get("plan") == str(plan)), None)


async def _candidates(store: Store, reference: str) -> AsyncIterator[Meant]:
    number = _NUMBER.fullmatch(reference)
    if number and await store.get(JournalEntry, int(number[1])) is not None:
        yield Meant(about=About.ENTRY, id=str(int(number[1])))
    whole = uuid_in(reference)
    if whole is not None:
        async for each in _whole(store, whole):
            yield each
    elif _BEGINNING.fullmatch(reference.lower()):
        beginning = reference.lower()
        for each in {known async for known in _known(store)}:
            if each.id.startswith(beginning):
                yield each


async def _whole(store: Store, whole: VmUuid) -> AsyncIterator[Meant]:
    """What this is the id of: ids are never given twice, so the first that is found is it."""
    if await store.get(Operation, whole):
        yield Meant(about=About.OPERATION, id=str(whole))
    elif await store.get(OutboxCommand, whole):
        yield Meant(about=About.COMMAND, id=str(whole))
    elif await store.find(HeldPlan, id=whole, limit=1):
        yield Meant(about=About.PLAN, id=str(whole))
    elif (
        await store.get(VmRecord, whole)
        or await store.find(Sighting, uuid=whole, limit=1)
        or await store.find(JournalEntry, vm=whole, limit=1)
    ):
        yield Meant(about=About.VM, id=str(whole))
    elif await plan_entry(store, whole):
        yield Meant(about=About.PLAN, id=str(whole))


async def _known(store: Store) -> AsyncIterator[Meant]:
    """Everything in which a beginning is looked for; the same thing may come several times."""
    for plan in await store.find(HeldPlan, limit=_NEWEST, readable=True):
        yield Meant(about=About.PLAN, id=str(plan.id))
    for seen in await store.find(Sighting, limit=_NEWEST, readable=True):
        yield Meant(about=About.VM, id=str(seen.uuid))
    for record in await store.find(VmRecord, limit=_NEWEST, readable=True):
        yield Meant(about=About.VM, id=str(record.uuid))
    for entry in await store.find(JournalEntry, limit=_NEWEST, newest_first=True, readable=True):
        told = (
            (About.VM, entry.vm),
            (About.OPERATION, entry.operation),
            (About.COMMAND, entry.command),
            (About.PLAN, entry.evidence.get("plan")),
        )
        for about, id_ in told:
            if id_ is not None:
                yield Meant(about=about, id=str(id_))
