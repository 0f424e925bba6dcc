"""Fleets of chance: small, of every kind, and the same for the same seed."""

from vmuster.sim.engine.chance import Chance
from vmuster.sim.seeds.fleets import OURS, scene_of
from vmuster.sim.verbs.grammar import GRAMMAR
from vmuster.sim.verbs.verb import Kind

_SCENES = [scene_of(Chance(seed)) for seed in range(60)]


def test_the_same_seed_makes_the_same_fleet_and_another_one_another() -> None:
    assert scene_of(Chance(3)) == _SCENES[3]
    assert len({scene.steps for scene in _SCENES}) == len(_SCENES)


def test_a_fleet_has_two_to_five_hosts_with_two_to_six_vms_each() -> None:
    assert {len(scene.cast.hosts) for scene in _SCENES} == {2, 3, 4, 5}
    counts = {
        list(scene.cast.vms.values()).count(host) for scene in _SCENES for host in scene.cast.hosts
    }
    assert counts == {2, 3, 4, 5, 6}


def test_hosts_are_near_and_far_and_blind() -> None:
    forms = {step.verb for scene in _SCENES for step in scene.steps}
    assert forms >= {"host {host}", "host {host} with an agent", "blind host {host}"}
    for scene in _SCENES:
        far = {each.words[0] for each in scene.steps if each.verb == "host {host} with an agent"}
        assert scene.cast.far == far


def test_everything_is_there_before_anything_happens() -> None:
    for scene in _SCENES:
        assert {GRAMMAR.verbs[each.verb].kind for each in scene.steps} == {Kind.SETTING}
        assert {each.at for each in scene.steps} == {None}


def test_ours_are_those_that_somebody_would_adopt() -> None:
    for scene in _SCENES:
        ours = [each.words[0] for each in scene.steps if each.verb in OURS]
        assert list(scene.cast.ours) == ours
        assert set(ours) <= set(scene.cast.vms)
