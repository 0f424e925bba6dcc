"""`vmuster rule`: the rules by which vmuster decides, refuses or waits; no server is needed."""

from collections.abc import Iterator
from difflib import get_close_matches
from operator import itemgetter
from typing import TYPE_CHECKING, Final

import click
import msgspec

from vmuster.cli.asking.speaking import Failed, prints
from vmuster.cli.printing.forms import Column, Output, Shape, print_items, print_told

if TYPE_CHECKING:
    from vmuster.reconcile.pages.page import RulePage

_SHAPE: Final = Shape(
    name="name",
    columns=(
        Column("NAME", itemgetter("name")),
        Column("FAMILY", itemgetter("family")),
        Column("WHEN", itemgetter("when")),
        Column("WHAT FOLLOWS", itemgetter("follows"), wide=True),
    ),
)


def _complete(_context: click.Context, _parameter: click.Parameter, typed: str) -> list[str]:
    from vmuster.reconcile.rules import CATALOGUE

    return [name for name in CATALOGUE if name.startswith(typed)]


@click.command("rule")
@click.argument("name", required=False, shell_complete=_complete)
@prints
def rule(name: str | None, out: Output) -> None:
    """Explain a rule; or, without a name, list all of them. A number is that of a standing's rule.

    \b
    Examples:
      vmuster rule
      vmuster rule stopped-outside
    """
    from vmuster.reconcile.rules import CATALOGUE

    if name is None:
        print_items([msgspec.to_builtins(page) for page in CATALOGUE.values()], _SHAPE, out)
        return
    page = CATALOGUE.get(name) or CATALOGUE.get(f"standing-{name}")
    if page is None:
        close = get_close_matches(name, CATALOGUE, n=3)
        hint = f"did you mean {' or '.join(close)}?" if close else "vmuster rule lists them all"
        raise Failed(f"there is no rule {name!r}", hint=hint)
    print_told(msgspec.to_builtins(page), out, names=[page.name], told=lambda: _told(page))


def _told(page: "RulePage") -> Iterator[str]:
    from vmuster.reconcile.pages.page import FAMILIES, LAWS

    yield f"{page.name}  ({page.family})"
    yield f"  {FAMILIES[page.family]}"
    yield ""
    yield f"when          {page.when}"
    yield f"what follows  {page.follows}"
    yield f"why           {page.why}"
    for law in page.laws:
        yield f"              {law}: {LAWS[law]}"
    yield f"what to do    {page.remedy}"
    yield f"page          {page.link}"
