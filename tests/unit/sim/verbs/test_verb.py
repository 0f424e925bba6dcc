"""Verbs: a sentence says one step, and a step is said by one sentence."""

import asyncio

import pytest

from vmuster.sim.verbs.verb import Grammar, Kind, Step, Verb
from vmuster.sim.world.world import World


def verb(form: str) -> Verb:
    async def do(world: World, *words: str) -> None:
        world.chronicle.note("*", " ".join(words))

    return Verb(form=form, kind=Kind.HAND, what="Something.", do=do)


GRAMMAR = Grammar((verb("{vm} runs on {host}"), verb("{actor} waits {seconds}s")))


def test_a_sentence_is_read_and_said_again() -> None:
    step = GRAMMAR.step("web runs on alpha", 3.0)
    assert step == Step(verb="{vm} runs on {host}", words=("web", "alpha"), at=3.0)
    assert GRAMMAR.sentence(step) == "web runs on alpha"
    assert GRAMMAR.verbs[step.verb].places == ("vm", "host")


@pytest.mark.parametrize(
    "sentence",
    [
        "web runs",
        "the big web runs on alpha",
        "anna waits longs",
        "carol waits 3s",
        "Anna waits 3s",
    ],
)
def test_what_no_verb_reads_is_refused(sentence: str) -> None:
    with pytest.raises(ValueError, match="nothing reads"):
        GRAMMAR.step(sentence, None)


def test_what_two_verbs_read_is_refused() -> None:
    grammar = Grammar((verb("{vm} runs"), verb("{host} runs")))
    with pytest.raises(ValueError, match="more than one thing reads"):
        grammar.step("web runs", None)


def test_two_verbs_of_one_form_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="two verbs have one form"):
        Grammar((verb("{vm} runs"), verb("{vm} runs")))


def test_a_step_happens_with_its_words() -> None:
    world = World(1)

    async def main() -> None:
        await GRAMMAR.do(world, GRAMMAR.step("web runs on alpha", None))
        await asyncio.sleep(0)

    world.run(main())
    assert "web alpha" in world.trace.loud[-1]
