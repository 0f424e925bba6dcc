"""Failing stories are made short: what the violation does not need is left out."""

from collections.abc import Sequence

from vmuster.sim.laws.law import Law
from vmuster.sim.seeds.shrinking import shrunk
from vmuster.sim.verbs.faults.mending import HEALED
from vmuster.sim.verbs.grammar import GRAMMAR
from vmuster.sim.verbs.verb import Step
from vmuster.sim.world.truth import Run


class NothingEndsTwice(Law):
    """A law of these tests: no VM ends for a second time."""

    name = "ends"

    def ended(self, run: Run) -> None:
        if len(self.truth.runs[run.host, run.vm]) > 1:
            self.violate("it ended twice")


class NobodyIsHealed(Law):
    """A law of these tests: nothing is broken when everything should be healed."""

    name = "healed"

    async def at_end(self) -> None:
        if any(host.line.up_cut for host in self.world.hosts.values()):
            self.violate("a line is cut")


_LAWS = (NothingEndsTwice, NobodyIsHealed)


def _story(*lines: str) -> tuple[Step, ...]:
    """Steps from lines such as `10 web crashes on alpha`; those without a time come at once."""
    timed = [line.split(" ", 1) if line[0].isdigit() else [None, line] for line in lines]
    return tuple(
        GRAMMAR.step(sentence or "", None if at is None else float(at)) for at, sentence in timed
    )


def _sentences(story: Sequence[Step]) -> list[str]:
    return [GRAMMAR.sentence(step) for step in story]


_LONG = _story(
    "host alpha",
    "host beta with an agent",
    "web runs on alpha",
    "db runs on beta",
    "10 db crashes on beta",
    "20 beta is cut off",
    "30 web crashes on alpha",
    "40 somebody starts web on alpha",
    "45 beta is reached again",
    "60 web crashes on alpha",
    "70 somebody starts db on beta",
    "90 everything is healed",
    "95 end",
)


def test_only_what_the_violation_needs_is_left_and_the_healing() -> None:
    short = shrunk(_LONG, 1, "ends", _LAWS)
    assert _sentences(short) == [
        "host alpha",
        "web runs on alpha",
        "web crashes on alpha",
        "somebody starts web on alpha",
        "web crashes on alpha",
        HEALED,
        "end",
    ]


def test_waits_are_cut_as_far_as_the_violation_lets_them() -> None:
    short = shrunk(_LONG, 1, "ends", _LAWS)
    assert short[-1].at is not None
    assert short[-1].at < 10.0
    times = [step.at for step in short if step.at is not None]
    assert times == sorted(times)


def test_a_story_that_breaks_no_law_stays_as_it_is() -> None:
    assert shrunk(_LONG, 1, "healed", _LAWS) == _LONG


def test_so_many_plays_and_no_more() -> None:
    played: list[int] = []

    class Counting(NothingEndsTwice):
        """Counts the plays."""

        async def at_end(self) -> None:
            played.append(1)

    short = shrunk(_LONG, 1, "ends", (Counting,), plays_max=4)
    assert len(played) == 4
    assert short[-2:] == _LONG[-2:]
    assert len(short) < len(_LONG)
