"""The catalogue: enough bugs, named so that people can read it, and against every law."""

import re

import pytest

from vmuster.sim.laws.all import LAWS
from vmuster.sim.planted.bug import Planted
from vmuster.sim.planted.catalogue import CATALOGUE
from vmuster.sim.planted.layers import LAYERS
from vmuster.sim.planted.patch import place

BUGS = list(CATALOGUE.values())
NAMES = {law.name for law in LAWS}


def named(bug: Planted) -> str:
    return bug.name


def test_there_are_at_least_45() -> None:
    assert len(CATALOGUE) >= 45


@pytest.mark.parametrize("bug", BUGS, ids=named)
def test_a_bug_says_what_it_is(bug: Planted) -> None:
    assert re.fullmatch(r"[a-z]+(?:-[a-z]+)+", bug.name)
    assert re.fullmatch(r"[A-Z][^.]+\.", bug.what)
    assert bug.laws
    assert bug.patches


@pytest.mark.parametrize("bug", BUGS, ids=named)
def test_its_laws_are_checked_and_its_layers_exist(bug: Planted) -> None:
    assert set(bug.laws) <= NAMES
    assert set(bug.off) <= set(LAYERS)
    assert len(set(bug.off)) == len(bug.off)


@pytest.mark.parametrize("bug", BUGS, ids=named)
def test_it_is_planted_into_shipped_code(bug: Planted) -> None:
    rooms = ("server", "agent", "reconcile", "drivers", "stores")
    for patch in bug.patches:
        assert patch.target.split(".")[:2] in [["vmuster", room] for room in rooms]
        _ = place(patch.target)


def test_no_two_bugs_are_the_same() -> None:
    planted = [
        (sorted(patch.target for patch in bug.patches), [id(p.make) for p in bug.patches])
        for bug in BUGS
    ]
    assert all(planted.count(each) == 1 for each in planted)


def test_every_layer_is_off_somewhere() -> None:
    assert {layer for bug in BUGS for layer in bug.off} == set(LAYERS)


def test_every_law_but_none_is_broken_by_some_bug() -> None:
    assert {law for bug in BUGS for law in bug.laws} == NAMES
