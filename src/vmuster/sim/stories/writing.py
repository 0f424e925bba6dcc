"""Writes stories: a whole one, as for a shrunk seed that is to be kept, or what happened anew."""

from collections.abc import Sequence
from decimal import Decimal

from vmuster.sim.stories.story import RULER, SEED, Story
from vmuster.sim.verbs.grammar import GRAMMAR
from vmuster.sim.verbs.verb import Step


def written(story: Story) -> str:
    """A story as text; `reading.read` makes the same story of it."""
    about = f"{', '.join(story.about)}: " if story.about else ""
    seed = [f"seed {story.seed}", ""] if story.seed != SEED else []
    lines = [f"# {about}{story.title}", "", *seed, *_steps(story.steps)]
    if story.happened is not None:
        lines += [RULER, *story.happened]
    return "\n".join(lines) + "\n"


def rewritten(text: str, happened: Sequence[str]) -> str:
    """The text of a story with these lines below its ruler; what people wrote stays as it is."""
    lines = text.splitlines()
    people = lines[: lines.index(RULER)] if RULER in lines else lines
    while people and not people[-1].strip():
        _ = people.pop()
    return "\n".join([*people, RULER, *happened]) + "\n"


def _steps(steps: Sequence[Step]) -> list[str]:
    times = ["" if step.at is None else f"{_seconds(step.at)}s" for step in steps]
    width = max((len(time) for time in times), default=0)
    return [
        f"{time:>{width}}  {GRAMMAR.sentence(step)}"
        for time, step in zip(times, steps, strict=True)
    ]


def _seconds(at: float) -> str:
    """The shortest form that is read back as the same number, without an exponent."""
    return str(int(at)) if at == int(at) else format(Decimal(str(at)), "f")
