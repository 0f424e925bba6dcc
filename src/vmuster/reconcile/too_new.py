"""Is our database older than its hosts? The marks on the VMs are the only high-water outside it.

A restored backup knows nothing of what was adopted, signed anew or released since: it would take
our own VMs for strangers, and old wishes for present ones. A mark is evidence when it is first
seen, or changed: what was looked at once, and accepted by a person, is not said again.
"""

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from vmuster.model.automation import Quarantine
from vmuster.model.host import Fleet
from vmuster.model.plan import TooNew
from vmuster.model.states import MarkVerdict
from vmuster.reconcile.pairing import Pair
from vmuster.reconcile.recorded import Recorded

_EVIDENCE_MAX: Final = 5
"""As many as a person reads; the journal has them all."""


def evidence(pairs: Sequence[Pair], recorded: Recorded) -> tuple[TooNew, ...]:
    """What this report shows that is newer than our database."""
    found: list[TooNew] = []
    for pair in pairs:
        generation = pair.judgement.generation
        if pair.seen is None or pair.judgement.verdict is not MarkVerdict.OURS or _known(pair):
            continue
        if generation <= recorded.trusted:
            continue  # of a time that this database forgot: its VM is an orphan, and no news of it
        why = next((words for shows, words in _SIGNS if shows(pair, recorded)), "")
        if why:
            found.append(TooNew(vm=pair.uuid, name=pair.name, generation=generation, why=why))
    return tuple(found)


def quarantined(fleet: Fleet, words: Sequence[str], highest: int, now: float) -> Fleet:
    """`fleet` in quarantine for what `words` say; `highest`: the highest number of ours in it.

    The very same value where the quarantine says as much already.
    """
    before = fleet.quarantine
    said = before.evidence if before is not None else ()
    more = tuple(word for word in words if word not in said)
    after = Quarantine(
        since=before.since if before is not None else now,
        evidence=(said + more)[:_EVIDENCE_MAX],
        highest=max(highest, before.highest if before is not None else 0),
    )
    return fleet if after == before else msgspec.structs.replace(fleet, quarantine=after)


def _known(pair: Pair) -> bool:
    """Whether this very mark was seen on it before, here or on another host."""
    mark = pair.seen.mark if pair.seen is not None else None
    here = (pair.here,) if pair.here is not None else ()
    return any(sighting.raw_mark == mark for sighting in (*here, *pair.elsewhere))


_SIGNS: Final[tuple[tuple[Callable[[Pair, Recorded], bool], str], ...]] = (
    (
        lambda pair, recorded: pair.judgement.generation > recorded.high_water,
        "its mark bears a number that our database has never given",
    ),
    (
        lambda pair, _: (
            pair.record is not None and pair.judgement.generation > pair.record.mark_generation
        ),
        "its mark is newer than our record of it",
    ),
    (
        lambda pair, recorded: pair.uuid in recorded.unheard_of,
        "it bears our mark, and neither a record nor the journal knows it",
    ),
)
