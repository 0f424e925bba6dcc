"""Shapes of schedules: what a bug needs to show itself, and comes seldom by chance alone.

A shape is the schedule of the seed, with policies of its own, other VMs, or events in a row.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

import msgspec

from vmuster.sim.engine.chance import Chance
from vmuster.sim.planted.plans import (
    Plan,
    another_policy,
    approved,
    dying,
    half_dark,
    in_a_row,
    installed,
    namesake,
    of_one_number,
    older,
    set_back,
    spoilt,
    stopped_everywhere,
    stopped_while_slow,
    while_slow,
)
from vmuster.sim.seeds.casting import step
from vmuster.sim.seeds.fleets import scene_of
from vmuster.sim.seeds.schedule import story_of
from vmuster.sim.verbs.grammar import GRAMMAR
from vmuster.sim.verbs.verb import Kind, Step

Shape = Callable[[int], tuple[Step, ...]]
"""From a seed to a story."""
_POLICY: Final = "policy {setting} is {value}"
_FLEET_POLICY: Final = "fleet policy {setting} is {value}"
_MODE: Final = "{host} is in {mode}"
_RUNS: Final = "{vm} runs on {host}"
_DEAF: Final = "{vm} runs deaf on {host}"
_EARLY: Final = "{vm} runs on {host} with an early mark of ours"
_HAPPENINGS: Final = frozenset({Kind.REQUEST, Kind.HAND, Kind.FAULT})
_ADOPTED_SECONDS: Final = 40.0
_FIRST_SECONDS: Final = 60.0
_LAST_SECONDS: Final = 950.0


class _Changes(msgspec.Struct, frozen=True, kw_only=True):
    """What a shape changes. `policies`, `fleet_policies`: settings in place of others; `forms`:
    verbs in place of others; `managed`: whether every host begins in MANAGE; `calm`: whether VMs
    are adopted, and then nothing happens but the plan; `plan`: what comes again and again, about
    `every` so many seconds."""

    policies: Mapping[str, str] = {}
    fleet_policies: Mapping[str, str] = {}
    forms: Mapping[str, str] = {}
    managed: bool = False
    calm: bool = False
    plan: Plan | None = None
    every: float = 60.0


def _shaped(changes: _Changes) -> Shape:
    def shape(seed: int) -> tuple[Step, ...]:
        steps = [_other(each, changes) for each in story_of(seed) if not _replaced(each, changes)]
        first = next(place for place, each in enumerate(steps) if each.verb == _MODE)
        steps[first:first] = [*_settings(_POLICY, changes.policies)]
        steps[first:first] = [*_settings(_FLEET_POLICY, changes.fleet_policies)]
        settings = [each for each in steps if each.at is None]
        events = [each for each in steps if each.at is not None and not _spared(each, changes)]
        events += _planned(changes, seed)
        return (*settings, *sorted(events, key=lambda each: each.at or 0.0))

    return shape


def _replaced(each: Step, changes: _Changes) -> bool:
    by_form = {_POLICY: changes.policies, _FLEET_POLICY: changes.fleet_policies}
    return bool(each.words) and each.words[0] in by_form.get(each.verb, {})


def _spared(each: Step, changes: _Changes) -> bool:
    late = each.at is not None and each.at >= _ADOPTED_SECONDS
    return changes.calm and late and GRAMMAR.verbs[each.verb].kind in _HAPPENINGS


def _settings(form: str, settings: Mapping[str, str]) -> Iterator[Step]:
    return (step(form, None, {"setting": k, "value": v}) for k, v in settings.items())


def _other(each: Step, changes: _Changes) -> Step:
    if changes.managed and each.verb == _MODE:
        return msgspec.structs.replace(each, words=(each.words[0], "manage"))
    return msgspec.structs.replace(each, verb=changes.forms.get(each.verb, each.verb))


def _planned(changes: _Changes, seed: int) -> Iterator[Step]:
    if changes.plan is None:
        return
    cast = scene_of(Chance(seed, "schedule").stream("fleet")).cast
    chance = Chance(seed, "shape")
    at = _FIRST_SECONDS
    while at < _LAST_SECONDS:
        yield from changes.plan(cast, chance, at)
        at += chance.between(0.5 * changes.every, 1.5 * changes.every)


_TIGHT: Final = {
    "starts_per_pass_max": "2",
    "starts_per_window_max": "2",
    "cluster_starts_per_window_max": "3",
}
_EAGER: Final = {"drift": "enforce", "restart": "always", "quiet_seconds": "10"}
_LOOSE: Final = {
    "starts_per_pass_max": "50",
    "starts_per_window_max": "50",
    "cluster_starts_per_window_max": "50",
    "restart_backoff_seconds": "2",
}
_OFTEN: Final = {"report_seconds": "5"}

_ALL: Final[Mapping[str, _Changes]] = {
    "automation": _Changes(policies=_EAGER, managed=True),
    "marks lost in the grace": _Changes(
        policies={"stop_grace_seconds": "8"},
        forms={_RUNS: _DEAF},
        managed=True,
        plan=in_a_row(
            (0.0, "{actor} stops {vm}", ""),
            (3.0, "somebody strips the mark of {vm} on {host}", ""),
            (40.0, "{actor} adopts {vm}", ""),
        ),
        every=40.0,
    ),
    "marks spoilt": _Changes(policies=_EAGER, managed=True, plan=spoilt, every=40.0),
    "clones": _Changes(
        managed=True,
        plan=in_a_row(
            (0.0, "somebody clones {vm} on {host} as {copy}", ""),
            (60.0, "somebody deletes {vm} on {host}", "vm=copy"),
        ),
    ),
    "copies": _Changes(
        policies=_EAGER,
        managed=True,
        plan=in_a_row(
            (0.0, "somebody copies {vm} from {host} to {other} and starts it", ""),
            (30.0, "somebody stops {vm} on {host}", "host=other"),
            (60.0, "{actor} stops {vm}", ""),
            (80.0, "somebody starts {vm} on {host}", ""),
            (110.0, "somebody deletes {vm} on {host}", "host=other"),
        ),
        every=70.0,
    ),
    "moves": _Changes(
        policies=_EAGER,
        managed=True,
        plan=in_a_row(
            (0.0, "somebody moves {vm} from {host} to {other} and leaves its definition", ""),
            (60.0, "somebody moves {vm} from {host} to {other}", "host=other other=host"),
        ),
        every=50.0,
    ),
    "tight budgets": _Changes(
        policies=_EAGER | _TIGHT, managed=True, plan=stopped_everywhere, every=150.0
    ),
    "a tight budget of the fleet": _Changes(
        policies=_EAGER | _LOOSE,
        fleet_policies={"starts_per_window_max": "3"},
        managed=True,
        plan=stopped_everywhere,
        every=150.0,
    ),
    "approvals": _Changes(
        policies=_EAGER | _TIGHT | {"approval_seconds": "30"},
        managed=True,
        plan=approved,
        every=200.0,
    ),
    "a clock that is set back": _Changes(
        policies=_EAGER | _LOOSE | {"cluster_starts_per_window_max": "8"},
        managed=True,
        plan=set_back,
        every=400.0,
    ),
    "half in the dark": _Changes(
        policies=_EAGER | {"suspect_after_seconds": "25", "unreachable_after_seconds": "100"},
        managed=True,
        plan=half_dark,
        every=350.0,
    ),
    "agents that die": _Changes(
        policies={"stop_grace_seconds": "20", "operation_seconds": "120"},
        forms={_RUNS: _DEAF},
        managed=True,
        plan=dying,
        every=40.0,
    ),
    "journals that are lost": _Changes(
        policies={"stop_grace_seconds": "20", "operation_seconds": "120"},
        forms={_RUNS: _DEAF},
        managed=True,
        plan=in_a_row((0.0, "{actor} stops {vm}", ""), (4.0, "the journal of {host} is lost", "")),
        every=40.0,
    ),
    "graces longer than their orders": _Changes(
        policies={"stop_grace_seconds": "60", "operation_seconds": "30"},
        forms={_RUNS: _DEAF},
        managed=True,
        plan=in_a_row((0.0, "{actor} stops {vm}", "")),
        every=40.0,
    ),
    "daemons that forget": _Changes(
        policies=_EAGER,
        managed=True,
        plan=in_a_row(
            (0.0, "the daemon on {host} takes its VMs for stopped", ""),
            (60.0, "the daemon on {host} remembers its VMs", ""),
        ),
        every=90.0,
    ),
    "VMs that can't be read": _Changes(
        policies={"report_seconds": "10"},
        managed=True,
        plan=in_a_row(
            (0.0, "{vm} can't be read on {host}", ""),
            (50.0, "{vm} is shown on {host} again", ""),
        ),
    ),
    "a slow database": _Changes(managed=True, plan=while_slow, every=80.0),
    "marks renewed": _Changes(
        managed=True,
        plan=in_a_row(
            (0.0, "{actor} adopts {vm}", ""),
            (20.0, "{actor} releases {vm}", ""),
            (40.0, "{actor} adopts {vm}", ""),
        ),
        every=40.0,
    ),
    "namesakes": _Changes(policies={"drift": "record"}, managed=True, plan=namesake, every=50.0),
    "one number in two names": _Changes(managed=True, plan=of_one_number, every=80.0),
    "an older database": _Changes(managed=True, plan=older, every=200.0),
    "an older outbox": _Changes(
        managed=True,
        plan=in_a_row(
            (0.0, "{host} is cut off", ""),
            (2.0, "{actor} adopts {vm}", ""),
            (4.0, "the database is backed up as {copy}", ""),
            (6.0, "the server is restarted", ""),
            (14.0, "the database is restored from {copy}", ""),
            (24.0, "{host} is reached again", ""),
        ),
        every=120.0,
    ),
    "crashes in a calm fleet": _Changes(
        policies=_EAGER | _OFTEN | {"restart_backoff_seconds": "60"},
        managed=True,
        calm=True,
        forms={_EARLY: _RUNS},
        plan=in_a_row((0.0, "{vm} crashes on {host}", ""), (6.0, "{vm} crashes on {host}", "")),
        every=120.0,
    ),
    "bells lost in a calm fleet": _Changes(
        policies={"drift": "record", "restart": "never", "report_seconds": "20"},
        managed=True,
        calm=True,
        forms={_EARLY: _RUNS},
        plan=in_a_row(
            (0.0, "somebody stops {vm} on {host}", ""),
            (1.0, "events on {host} are lost", ""),
            (2.0, "somebody starts {vm} on {host}", ""),
            (3.0, "events on {host} are heard again", ""),
        ),
        every=30.0,
    ),
    "other policies in a calm fleet": _Changes(
        policies=_EAGER | _OFTEN | {"restart": "never"},
        managed=True,
        calm=True,
        forms={_EARLY: _RUNS},
        plan=another_policy,
        every=90.0,
    ),
    "a slow database and a tight budget": _Changes(
        policies=_EAGER | _LOOSE | _OFTEN,
        fleet_policies={"starts_per_window_max": "3"},
        managed=True,
        calm=True,
        forms={_EARLY: _RUNS},
        plan=stopped_while_slow,
        every=150.0,
    ),
    "hosts installed anew": _Changes(managed=True, plan=installed, every=200.0),
}
SHAPES: Final[Mapping[str, Shape]] = {
    "": story_of,
    **{name: _shaped(changes) for name, changes in _ALL.items()},
}
"""Each by its name; "" is the schedule as it is."""
