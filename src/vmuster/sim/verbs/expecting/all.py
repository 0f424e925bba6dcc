"""What must be so: every expectation, and the words that give one time.

Expectations of records, hosts and the journal are about what vmuster says: they read the database.
Those with "truly", of deeds and of runs are about what is so: they ask the chronicle.
"""

import asyncio
from typing import Final

from vmuster.sim.verbs.expecting.deeds import DEEDS
from vmuster.sim.verbs.expecting.hosts import HOSTS
from vmuster.sim.verbs.expecting.journal import JOURNAL
from vmuster.sim.verbs.expecting.moments import moment
from vmuster.sim.verbs.expecting.vms import VMS
from vmuster.sim.verbs.verb import Grammar, Kind, Step, Unmet, Verb
from vmuster.sim.world.world import World

_EVERY_SECONDS: Final = 0.5
_PLAIN: Final = (*VMS, *HOSTS, *DEEDS, *JOURNAL)
_GRAMMAR: Final = Grammar(_PLAIN)
_WITHIN: Final = "expect {what} within {seconds}s"
_UNTIL: Final = "expect {what} until {seconds}s"


def inner_step(step: Step) -> Step | None:
    """The expectation that a step gives time to; None where it gives none. Raises `ValueError`
    where that can't be read."""
    if step.verb not in (_WITHIN, _UNTIL):
        return None
    return _GRAMMAR.step(f"expect {step.words[0]}", None)


async def _within(world: World, what: str, seconds: str) -> None:
    inner = _GRAMMAR.step(f"expect {what}", None)
    deadline = world.loop.time() + float(seconds)
    while True:
        try:
            return await _GRAMMAR.do(world, inner)
        except Unmet as unmet:
            if world.loop.time() >= deadline:
                raise Unmet(f"{unmet} (waited {seconds} s)") from None
        await asyncio.sleep(_EVERY_SECONDS)


async def _until(world: World, what: str, seconds: str) -> None:
    inner = _GRAMMAR.step(f"expect {what}", None)
    while world.loop.time() < moment(world, seconds):
        await _GRAMMAR.do(world, inner)
        await asyncio.sleep(_EVERY_SECONDS)


async def _end(world: World) -> None:
    """The story goes on until here."""


EXPECTATIONS: Final = (
    *_PLAIN,
    Verb(form=_WITHIN, kind=Kind.EXPECT, what="It may take so long until it is so.", do=_within),
    Verb(form=_UNTIL, kind=Kind.EXPECT, what="It is so all the time until this moment.", do=_until),
    Verb(form="end", kind=Kind.EXPECT, what="The story goes on until here.", do=_end),
)
