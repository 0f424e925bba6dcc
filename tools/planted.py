"""Searches for every planted bug, and writes down by which seed it is found, and of which law.

`python -m tools.planted` takes a while; the names of bugs as arguments restrict the search to them,
and keep what is known of the others. It writes the first seeds (`tests/simulation/planted.json`,
where tests find the quickest ones again) and, from these and the catalogue, docs/planted.md.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import msgspec

from vmuster.sim.planted.bug import Layer, Planted
from vmuster.sim.planted.catalogue import CATALOGUE
from vmuster.sim.planted.finding import Find, first
from vmuster.sim.planted.layers import LAYERS

ROOT: Final = Path(__file__).parents[1]
FINDS: Final = ROOT / "tests" / "simulation" / "planted.json"
OUTPUT: Final = ROOT / "docs" / "planted.md"
SEEDS_MAX: Final = 200
"""A bug that none of so many schedules finds is not found."""
_JOBS: Final = 2

_HEAD: Final = """\
# Planted bugs

What keeps the laws is put to the test by taking it away. Each bug below is a small patch that is
put into the shipped code from outside, in the simulator alone; the code has no switch for it. It
counts as found by the first random schedule in which a law is broken with the bug, and until that
moment is not broken without it. Several layers often hold the same law, so that one of them may be
missing and nothing happens: then the others are switched off too, in both runs, and the table names
them. Some show themselves only where something comes more often than by chance: then the table says
which shape the schedule has (`shapes.py`).

`vmuster sim --planted NAME|all` plants them again. Written by `tools/planted.py` from the catalogue
(`src/vmuster/sim/planted/`) and from what the last search found; do not edit it by hand.
"""


def read() -> dict[str, Find]:
    """What the last search found, by the names of the bugs."""
    return msgspec.json.decode(FINDS.read_bytes(), type=dict[str, Find])


def render(finds: Mapping[str, Find]) -> str:
    """The whole page."""
    rows = [_row(bug, finds.get(bug.name)) for bug in CATALOGUE.values()]
    columns = _line(("bug", "what is wrong", "law", "seed", "seeds tried", "layers off"))
    layers = [_line((layer.name, layer.what, ", ".join(_where_off(layer)))) for layer in _layers()]
    return "".join(
        [
            f"{_HEAD}\n## The bugs\n\n{columns}{_line(['---'] * 6)}",
            *rows,
            f"\n## The layers\n\n{_line(('layer', 'what it does', 'off for'))}{_line(['---'] * 3)}",
            *layers,
            "\n## How they were found\n\n",
            *(f"* `{name}`: {find.law}: {find.what}\n" for name, find in _ordered(finds)),
        ]
    )


def _row(bug: Planted, find: Find | None) -> str:
    law, seed, tried = "not found", "", ""
    if find is not None:
        law, seed, tried = find.law, str(find.seed), str(find.tried)
    shape = f"{seed} ({bug.shape})" if bug.shape and seed else seed
    return _line((f"`{bug.name}`", bug.what, law, shape, tried, ", ".join(bug.off)))


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def _layers() -> Iterator[Layer]:
    yield from LAYERS.values()


def _where_off(layer: Layer) -> Iterator[str]:
    return (f"`{bug.name}`" for bug in CATALOGUE.values() if layer.name in bug.off)


def _ordered(finds: Mapping[str, Find]) -> Iterator[tuple[str, Find]]:
    return ((name, finds[name]) for name in CATALOGUE if name in finds)


def _search(name: str) -> Find | None:
    return first(name, range(SEEDS_MAX))


def main(names: Sequence[str]) -> int:
    """Search for these bugs, or for all; say at once of each what came of it."""
    finds = read() if names and FINDS.exists() else {}
    with ProcessPoolExecutor(_JOBS, mp_context=get_context("spawn")) as pool:
        searches = {name: pool.submit(_search, name) for name in names or CATALOGUE}
        for name, search in searches.items():
            find = search.result()
            finds.pop(name, None)
            print(name, "not found" if find is None else f"seed {find.seed}: {find.law}")
            if find is not None:
                finds[name] = find
    ordered = dict(_ordered(finds))
    FINDS.write_bytes(msgspec.json.format(msgspec.json.encode(ordered), indent=2) + b"\n")
    OUTPUT.write_text(render(ordered), encoding="utf-8")
    return 0 if len(ordered) == len(CATALOGUE) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
