"""Expectations held against one small story: which are not met, and what is said of those."""

from collections.abc import Collection, Iterable, Sequence

from vmuster.sim.play import play
from vmuster.sim.stories.reading import read
from vmuster.sim.verbs.grammar import GRAMMAR
from vmuster.sim.verbs.verb import Verb


def unmet(story: str, sentences: Collection[str], *, at: float) -> dict[str, str]:
    """What is said of each of the `sentences` that is not so at that second of a story."""
    steps = list(read(f"# A story\n{story}").steps)
    later = [place for place, step in enumerate(steps) if step.at is not None and step.at > at]
    place = later[0] if later else len(steps)
    steps[place:place] = [GRAMMAR.step(sentence, at) for sentence in sentences]
    outcome = play(steps, 1, ())
    assert outcome.pointless == ()
    longest_first = sorted(sentences, key=len, reverse=True)
    return dict(_parted(line.removeprefix(f"{at:g}s  "), longest_first) for line in outcome.unmet)


def _parted(line: str, sentences: Sequence[str]) -> tuple[str, str]:
    """A line that says that something is not so: the expectation, and what is so."""
    sentence = next(each for each in sentences if line.startswith(f"{each}: "))
    return sentence, line.removeprefix(f"{sentence}: ")


def never_used(verbs: Sequence[Verb], sentences: Iterable[str]) -> set[str]:
    """The forms of which none of the sentences is."""
    return {verb.form for verb in verbs} - {GRAMMAR.step(each, None).verb for each in sentences}
