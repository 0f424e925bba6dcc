"""Failing stories are made short: what the violation does not need is left out."""

from collections.abc import Sequence

from vmuster.sim.laws.law import Broken, Law
from vmuster.sim.seeds.shrinking import shrunk, way_of
from vmuster.sim.verbs.faults.mending import HEALED
from vmuster.sim.verbs.grammar import GRAMMAR
from vmuster.sim.verbs.verb import Step
from vmuster.sim.world.truth import Run
from vmuster.sim.world.world import World


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


class NobodyEnds(Law):
    """A law of these tests, which is broken in two ways."""

    name = "nobody"

    def __init__(self, world: World, broken: Broken) -> None:
        super().__init__(world, broken)
        self._ended: set[str] = set()

    def ended(self, run: Run) -> None:
        self._ended.add(run.host)
        if len(self._ended) == 2:
            self.violate(f"{run.host} was the last of two")

    async def at_end(self) -> None:
        if len(self._ended) == 1:
            self.violate("only one")


_LAWS = (NothingEndsTwice, NobodyIsHealed, NobodyEnds)


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


def test_what_would_be_healed_at_the_end_breaks_no_law() -> None:
    cut = _story("host alpha", "host beta with an agent", "20 beta is cut off", "25 end")
    assert shrunk(cut, 1, "healed", _LAWS) == cut


def test_a_story_that_breaks_the_law_in_another_way_is_another_story() -> None:
    short = _sentences(shrunk(_LONG, 1, "nobody", _LAWS))
    assert "db crashes on beta" in short
    assert "web crashes on alpha" in short


def test_a_way_is_what_is_said_without_names_and_numbers() -> None:
    way = way_of(_story("host alpha", "web runs on alpha", "web-2 runs on alpha"))
    assert way("stop of web on alpha: 3 of at most 2.5") == "stop of … on …: 0 of at most 0"
    assert way("stop of web-2 on alpha: 4 of 1") == way("stop of web on alpha: 1 of 9")
    assert way("the web of webs") == "the … of webs"
    assert way("h-0000abcd web") != way("start of web")


def test_so_many_steps_and_no_more() -> None:
    assert shrunk(_LONG, 1, "ends", _LAWS, steps_max=1) == _LONG
    assert shrunk(_LONG, 1, "ends", _LAWS, enough=lambda: True) == _LONG


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
