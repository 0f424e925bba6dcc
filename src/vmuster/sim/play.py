"""Plays steps in a world of a seed, under the eyes of the laws."""

import asyncio
import logging
import math
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Final

import msgspec
import structlog

from vmuster.model.errors import VmusterError
from vmuster.sim.laws.all import LAWS
from vmuster.sim.laws.law import Law, Violation
from vmuster.sim.laws.sometimes import Sometimes
from vmuster.sim.verbs.grammar import GRAMMAR
from vmuster.sim.verbs.verb import Kind, Pointless, Step, Unmet
from vmuster.sim.world.world import NeverServes, World

VIOLATIONS_MAX: Final = 20
"""So many violations of one law are kept of a run: the first ones say enough."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a run. `seconds`: simulated ones; `steps`: callbacks that ran; `unmet`: what was
    expected and was not so; `pointless`: steps that could not be done as things were; `digest`: the
    same for the same run; `loud`: what happened, for people; `course`: the lines of
    it that come after the settings and before what is done at the end to judge it."""

    seed: int
    seconds: float
    steps: int
    faults: int
    violations: tuple[Violation, ...]
    unmet: tuple[str, ...]
    pointless: tuple[str, ...]
    sometimes: dict[str, int]
    digest: str
    loud: tuple[str, ...]
    course: tuple[str, ...]


class _Stage:
    """One run."""

    def __init__(
        self, seed: int, laws: Sequence[type[Law]], until: Collection[str], end: float
    ) -> None:
        self.world = World(seed)
        self.until, self.end = until, end
        self.violations: list[Violation] = []
        self._broken_times: Counter[str] = Counter()
        self.unmet: list[str] = []
        self.pointless: list[str] = []
        self.began = self.ended = 0
        self.sometimes = Sometimes(self.world)
        self.laws = [law(self.world, self._broken) for law in laws]
        self.world.chronicle.watchers.extend((self.sometimes, *self.laws))
        self.world.loop.on_error = self._error

    async def play(self, story: Sequence[Step]) -> None:
        """Play it to its end, or until no server serves any more."""
        try:
            await self._play(story)
        except NeverServes as error:
            self.world.chronicle.failed(error)

    async def _play(self, story: Sequence[Step]) -> None:
        """Every step in its turn; those with a time at that time, whatever became of the others."""
        world = self.world
        _ = await world.serving()
        beginning, under_way = world.loop.time(), list[asyncio.Task[None]]()
        for step in story:
            if self.over:
                return
            if step.at is None:
                _ = await asyncio.wait(under_way[-1:]) if under_way else None
                await self._do(step)
                if not under_way and GRAMMAR.verbs[step.verb].kind is Kind.SETTING:
                    self.began = len(world.trace.loud)
                continue
            await asyncio.sleep(max(0.0, beginning + step.at - world.loop.time()))
            under_way.append(asyncio.ensure_future(self._do(step)))
        for task in under_way:
            await task
        self.ended = len(world.trace.loud)
        for law in self.laws:
            await law.at_end()

    @property
    def over(self) -> bool:
        """Whether a law is broken that is looked for, or it is time to end."""
        found = any(violation.law in self.until for violation in self.violations)
        return found or self.world.loop.time() >= self.end

    async def _do(self, step: Step) -> None:
        world, sentence = self.world, GRAMMAR.sentence(step)
        kind = GRAMMAR.verbs[step.verb].kind
        try:
            if kind is not Kind.EXPECT:
                world.chronicle.note("*", sentence)
            await GRAMMAR.do(world, step)
            world.faults += kind in (Kind.FAULT, Kind.HAND)
        except Pointless as why:
            self.pointless.append(f"{sentence}: {why}")
            world.chronicle.note("*", f"{sentence}: pointless: {why}")
        except VmusterError as refused:
            world.chronicle.refused(sentence, refused)
            if kind is Kind.SETTING:
                self.pointless.append(f"{sentence}: {refused}")
        except Unmet as unmet:
            at = "" if step.at is None else f"{step.at:g}s  "
            self.unmet.append(f"{at}{sentence}: {unmet}")
        except Exception as error:  # the shipped code let it fall: a crash
            world.chronicle.failed(error)

    def _broken(self, violation: Violation) -> None:
        self._broken_times[violation.law] += 1
        if self._broken_times[violation.law] <= VIOLATIONS_MAX:
            self.world.chronicle.note("!", f"{violation.law}: {violation.what}")
            self.violations.append(violation)

    def _error(self, context: dict[str, object]) -> None:
        """An error that the shipped code let fall."""
        error = context.get("exception")
        self.world.chronicle.note("!", f"{context.get('message')}: {type(error).__name__}")
        if isinstance(error, BaseException):
            self.world.chronicle.failed(error)

    def listen_in(self) -> None:
        """Hear what the shipped code logs at warning or above; it is written down nowhere else."""

        def hear(_logger: object, _method: str, event: structlog.typing.EventDict) -> str:
            self.world.chronicle.logged(event)
            raise structlog.DropEvent

        loud = structlog.make_filtering_bound_logger(logging.WARNING)
        structlog.configure(wrapper_class=loud, processors=[hear])


def play(
    story: Sequence[Step],
    seed: int,
    laws: Sequence[type[Law]] = LAWS,
    until: Collection[str] = (),
    end: float = math.inf,
) -> Outcome:
    """Play a story in the world of this seed: the same story, seed and code, the same outcome.

    `until`: names of laws; when one of them is broken, the next step is the end, and so it is after
    `end` (seconds of the run): then nothing is judged of how the world is left.
    """
    stage = _Stage(seed, laws, until, end)
    world, log = stage.world, structlog.get_config()
    stage.listen_in()
    try:
        world.run(stage.play(story))
    finally:
        structlog.configure(**log)
    return Outcome(
        seed=seed,
        seconds=world.loop.time(),
        steps=world.loop.steps,
        faults=world.faults,
        violations=tuple(stage.violations),
        unmet=tuple(stage.unmet),
        pointless=tuple(stage.pointless),
        sometimes=dict(Counter(stage.sometimes.counts)),
        digest=world.trace.digest,
        loud=tuple(world.trace.loud),
        course=tuple(world.trace.loud[stage.began : stage.ended]),
    )
