"""A planted bug is there, with its layers off, while it lasts; then everything is as before."""

import inspect
from typing import Any

import pytest

from vmuster.sim.planted.bug import Planted
from vmuster.sim.planted.catalogue import CATALOGUE
from vmuster.sim.planted.layers import LAYERS
from vmuster.sim.planted.patch import Patch, place
from vmuster.sim.planted.patching import planted, unguarded

BUGS = list(CATALOGUE.values())


def patches(bug: Planted) -> list[Patch]:
    return [*bug.patches, *(patch for layer in bug.off for patch in LAYERS[layer].patches)]


def standing(target: str) -> Any:
    owner, name = place(target)
    return dict[str, Any](vars(owner))[name]  # pyright: ignore[reportUnknownArgumentType]


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_it_is_there_while_it_lasts_and_nothing_is_left_of_it(bug: Planted) -> None:
    before = {patch.target: standing(patch.target) for patch in patches(bug)}
    with planted(bug.name) as present:
        assert present is bug
        for target, shipped in before.items():
            assert standing(target) is not shipped
    for target, shipped in before.items():
        assert standing(target) is shipped


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_a_function_that_is_patched_is_called_as_before(bug: Planted) -> None:
    before = {patch.target: standing(patch.target) for patch in patches(bug)}
    with planted(bug.name):
        for target, shipped in before.items():
            if inspect.isfunction(shipped):
                now = standing(target)
                assert inspect.iscoroutinefunction(now) is inspect.iscoroutinefunction(shipped)
                _ = inspect.signature(now).bind(*call(shipped)[0], **call(shipped)[1])


def call(function: Any) -> tuple[list[object], dict[str, object]]:
    """Arguments with which it can be called."""
    parameters = inspect.signature(function).parameters.values()
    places = [p for p in parameters if p.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD]
    named = [p for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY]
    return [None for _ in places], {p.name: None for p in named}


def test_only_the_layers_are_off_in_the_comparison() -> None:
    bug = next(bug for bug in BUGS if bug.off)
    layer = LAYERS[bug.off[0]].patches[0].target
    own = next(p.target for p in bug.patches if p.target != layer)
    before = standing(own), standing(layer)
    with unguarded(bug):
        assert standing(own) is before[0]
        assert standing(layer) is not before[1]
    assert standing(layer) is before[1]


def test_a_bug_that_nobody_planted_is_not_found() -> None:
    with pytest.raises(KeyError), planted("nothing-at-all"):
        pass
