"""The whole grammar: verbs read back what they say, and no sentence can be read in two ways."""

import re
from itertools import combinations
from typing import Final

import pytest

from vmuster.sim.verbs.grammar import GRAMMAR
from vmuster.sim.verbs.verb import Kind, Verb

SAMPLES: Final = {
    "actor": "anna",
    "mode": "manage",
    "seconds": "5",
    "number": "3",
    "share": "10",
    "words": "because",
}
"""A word for each place whose words have a form of their own; any other word is free."""
PLACE: Final = re.compile(r"\{(\w+)\}")
NO_NAMES: Final = ("host", "machine", "cluster")
"""Nothing is called so."""
PLAIN: Final = [verb for verb in GRAMMAR.verbs.values() if verb.kind is not Kind.EXPECT]
"""Expectations hold other sentences; they are tested with their own."""
LONG: Final = ("{what}", "{words}")
"""Places that hold more than one word."""


def said(verb: Verb) -> str:
    return verb.sentence([SAMPLES.get(place, f"some-{place}") for place in verb.places])


def could_both(one: str, other: str) -> bool:
    """Whether one word could be read by both of these parts of forms."""
    places = [bool(PLACE.search(part)) for part in (one, other)]
    match places:
        case [False, False]:
            return one == other
        case [True, True]:
            return _reads(one, _filled(other)) or _reads(other, _filled(one))
        case [True, False]:
            return _reads(one, other)
        case _:
            return _reads(other, one)


def _filled(part: str) -> str:
    return PLACE.sub(lambda place: SAMPLES.get(place[1], "web"), part)


def _reads(part: str, word: str) -> bool:
    pieces = PLACE.split(part)
    pattern = "".join(
        re.escape(piece) if number % 2 == 0 else _pattern(piece)
        for number, piece in enumerate(pieces)
    )
    return word not in NO_NAMES and re.fullmatch(pattern, word) is not None


def _pattern(place: str) -> str:
    forms = {
        "actor": "(?:anna|bert)",
        "mode": "(?:observe|manage|cordoned|maintenance)",
        "seconds": r"[\d.]+",
        "number": r"-?[\d.]+",
        "share": r"\d+",
    }
    return forms.get(place, "[^ ,]+")


@pytest.mark.parametrize("verb", PLAIN, ids=lambda verb: verb.form)
def test_every_verb_reads_back_what_it_says(verb: Verb) -> None:
    step = GRAMMAR.step(said(verb), 7.5)
    assert (step.verb, step.at) == (verb.form, 7.5)
    assert GRAMMAR.sentence(step) == said(verb)
    assert verb.what.endswith(".")


def test_no_sentence_is_read_in_two_ways() -> None:
    plain = [form for form in GRAMMAR.verbs if not any(place in form for place in LONG)]
    alike = [
        (one, other)
        for one, other in combinations(plain, 2)
        if len(one.split()) == len(other.split())
        and all(map(could_both, one.split(), other.split()))
    ]
    assert alike == []


def test_forms_that_are_alike_would_be_found() -> None:
    assert all(map(could_both, ["{actor}", "stops", "{vm}"], ["{vm}", "stops", "{host}"]))
    assert not could_both("{seconds}s", "later")


def test_there_is_a_verb_of_every_kind() -> None:
    assert {verb.kind for verb in GRAMMAR.verbs.values()} == set(Kind)
