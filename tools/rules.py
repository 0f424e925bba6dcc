"""Writes docs/rules.md: every rule by which vmuster decides, refuses or waits, and why.

The page is made from the catalogue and from nothing else; a test fails when it is stale. Run:
`python -m tools.rules`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from vmuster.reconcile.pages.page import DOCUMENT, FAMILIES, LAWS, Family, RulePage
from vmuster.reconcile.rules import CATALOGUE

OUTPUT: Final = Path(__file__).parents[1] / DOCUMENT

_HEAD: Final = """\
# The rules

Every rule by which vmuster decides, refuses or waits. `vmuster explain` and the journal name them;
`vmuster rule NAME` prints one, `vmuster rule` lists them all. Written by `tools/rules.py` from the
catalogue (`reconcile/rules.py`); do not edit it by hand.
"""


def render() -> str:
    """The whole page."""
    parts = [_HEAD, *_contents(), *_laws()]
    for family, what in FAMILIES.items():
        parts.append(f"\n# {_title(family)}\n\n{what}\n")
        parts += [_section(page) for page in _of(family)]
    return "".join(parts)


def _contents() -> Iterator[str]:
    yield "\n"
    for family in FAMILIES:
        links = ", ".join(f"[{page.name}](#{page.name})" for page in _of(family))
        yield f"* **{_title(family)}**: {links}\n"


def _laws() -> Iterator[str]:
    yield "\n# The laws\n\nWhat the rules are there for.\n\n| law | |\n|---|---|\n"
    yield from (f"| {law} | {words} |\n" for law, words in LAWS.items())


def _section(page: RulePage) -> str:
    laws = f" ({', '.join(page.laws)})" if page.laws else ""
    return (
        f"\n## {page.name}\n\n"
        f"* When: {page.when}\n"
        f"* What follows: {page.follows}\n"
        f"* Why: {page.why}{laws}\n"
        f"* What to do: {page.remedy}\n"
    )


def _of(family: Family) -> list[RulePage]:
    return [page for page in CATALOGUE.values() if page.family is family]


def _title(family: Family) -> str:
    """The heading of a family: never the name of a rule, whose anchor would be the same."""
    return f"{family.capitalize()} rules"


if __name__ == "__main__":
    OUTPUT.write_text(render(), encoding="utf-8")
