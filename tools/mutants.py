"""Mutation testing of the model and the heart: which changes of one expression no test notices.

`./dev mutants` runs this: mutmut makes the mutants (`[tool.mutmut]` in pyproject.toml says of what,
and which tests hunt them), and this page of code keeps the score: per file on standard output, with
the names of those that live. Names or patterns as arguments restrict the hunt to them:
`./dev mutants 'vmuster.reconcile.idle.*'`. docs/mutation.md says what to make of the result.

Every run begins anew: mutmut would let a result stand for as long as the mutated function is the
same, also when a test that killed it is gone.
"""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).parents[1]
MUTANTS: Final = ROOT / "mutants"
PERCENT_MIN: Final = 90.0

_KILLED: Final = frozenset({1, 3, 24, -24, 36, 152, 255})
"""How a test run ends that noticed: failed, broken, or out of time."""


class Score(NamedTuple):
    """One file: how many mutants were tried, and which of them no test noticed."""

    file: str
    tried: int
    alive: tuple[str, ...]

    @property
    def percent(self) -> float:
        """The share of the mutants that a test noticed, in percent."""
        return 100 * (self.tried - len(self.alive)) / self.tried if self.tried else 100.0


def score(file: str, exit_codes: Mapping[str, int | None]) -> Score:
    """The score of one file. `exit_codes`: mutant to how its tests ended; None: was not tried."""
    tried = {mutant: code for mutant, code in exit_codes.items() if code is not None}
    return Score(file, len(tried), tuple(m for m, code in tried.items() if code not in _KILLED))


def total(scores: Iterable[Score]) -> Score:
    """All of them as one."""
    tried: Counter[str] = Counter()
    alive: list[str] = []
    for one in scores:
        tried["all"] += one.tried
        alive += one.alive
    return Score("all", tried["all"], tuple(alive))


def scores() -> list[Score]:
    """What mutmut has written beside each file that it mutated."""
    found: list[Score] = []
    for path in sorted(MUTANTS.rglob("*.py.meta")):
        result: dict[str, dict[str, int | None]] = json.loads(path.read_text(encoding="utf-8"))
        file = path.relative_to(MUTANTS / "src" / "vmuster").as_posix().removesuffix(".meta")
        found.append(score(file, result["exit_code_by_key"]))
    return [one for one in found if one.tried]


def render(found: Iterable[Score]) -> str:
    """A line per file, the worst first, and under each the mutants that live."""
    ordered = sorted(found, key=lambda one: (one.percent, one.file))
    lines = [_line(one) + "".join(f"\n        {name}" for name in one.alive) for one in ordered]
    return "\n".join([*lines, _line(total(ordered))]) + "\n"


def _line(one: Score) -> str:
    return f"{one.percent:5.1f} %  {one.file}: {one.tried - len(one.alive)} of {one.tried}"


def main(patterns: list[str]) -> int:
    """Hunt; exit status 1 where too many mutants live, or where mutmut could not do its work."""
    shutil.rmtree(MUTANTS, ignore_errors=True)
    command = [sys.executable, "-m", "mutmut", "run", *patterns]
    hunt = subprocess.run(command, cwd=ROOT, stdout=sys.stderr.fileno(), check=False)
    found = scores()
    if hunt.returncode or not found:
        print("mutmut could not do its work; what it says is above", file=sys.stderr)
        return 1
    print(render(found), end="")
    print(f"\nShow one: {os.path.relpath(sys.executable)} -m mutmut show NAME", file=sys.stderr)
    return int(total(found).percent < PERCENT_MIN)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
