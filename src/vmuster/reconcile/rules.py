"""Every rule that a decision, a hold, a standing, a proof or a guard can name, with its page.

A test shows that the catalogue is total and has no dead row: whatever the tables, the sources and
the worlds of the property tests can name is here, and the reverse.
"""

from typing import Final

from vmuster.reconcile.pages import (
    absences,
    bounds,
    decisions,
    guards,
    hosts,
    proofs,
    requests,
    standings,
)
from vmuster.reconcile.pages.page import FAMILIES, Family, RulePage

_ALL: Final = (
    *standings.PAGES,
    *decisions.PAGES,
    *absences.PAGES,
    *proofs.PAGES,
    *bounds.PAGES,
    *guards.PAGES,
    *requests.PAGES,
    *hosts.PAGES,
)
_PLACES: Final = {family: place for place, family in enumerate(FAMILIES)}

CATALOGUE: Final[dict[str, RulePage]] = {
    page.name: page for page in sorted(_ALL, key=lambda page: _PLACES[page.family])
}
"""By name; families together, in the order in which they are told."""


def spoken(words: str, *families: Family) -> RulePage | None:
    """The rule of these families whose own words stand in `words`, first told first; or None."""
    found = [
        (place, page)
        for page in CATALOGUE.values()
        if page.says and page.family in families and (place := _place(words, page.says)) is not None
    ]
    return min(found, key=lambda each: each[0])[1] if found else None


def _place(words: str, says: str) -> int | None:
    """Where `says` begins in `words`; `{}` in it stands for anything."""
    begun, end = None, 0
    for part in (part for part in _parts(says) if part):
        place = words.find(part, end)
        if place < 0:
            return None
        begun, end = place if begun is None else begun, place + len(part)
    return begun


def _parts(says: str) -> list[str]:
    """The fixed parts of `says`, around whatever stands in braces."""
    return [part.rpartition("}")[2] for part in says.split("{")]
