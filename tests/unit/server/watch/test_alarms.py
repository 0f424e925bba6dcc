"""What a person is told of lost hosts: after a moment, once, and one thing of a crowd."""

from uuid import UUID

import msgspec

from tests.parts import CLUSTER, host
from vmuster.model.host import Host
from vmuster.model.ids import HostId, HostUuid
from vmuster.model.states import HostHealth
from vmuster.server.watch.alarms import ALERT_AFTER_SECONDS, Alarms

SOON, LATER = 5.0, 5.0 + ALERT_AFTER_SECONDS


def lost(name: str = "a", **changes: object) -> Host:
    base: dict[str, object] = {"health": HostHealth.SUSPECT, "last_complete_at": 1.0}
    return msgspec.structs.replace(host(), id=HostId(name), **(base | changes))


def test_a_lost_host_is_told_of_after_a_moment_and_once() -> None:
    alarms, gone = Alarms(), lost()
    assert alarms.lost([gone], SOON) == []
    assert alarms.lost([gone], LATER - 0.1) == []
    assert alarms.lost([gone], LATER) == [gone]
    worse = msgspec.structs.replace(gone, health=HostHealth.UNREACHABLE)
    assert alarms.lost([worse], LATER + 500) == []


def test_a_host_that_came_back_and_is_lost_again_is_told_of_again() -> None:
    alarms, gone = Alarms(), lost()
    alarms.lost([gone], SOON)
    assert alarms.lost([gone], LATER) == [gone]
    alarms.lost([lost(health=HostHealth.UP)], LATER + 1)
    assert alarms.lost([gone], LATER + 2) == []
    assert alarms.lost([gone], LATER + 2 + ALERT_AFTER_SECONDS) == [gone]


def test_neither_a_new_host_nor_a_refused_one_was_lost() -> None:
    alarms = Alarms()
    strange = [lost("new", last_complete_at=None), lost("refused", claims=HostUuid(UUID(int=5)))]
    alarms.lost(strange, SOON)
    assert alarms.lost(strange, LATER) == []


def test_of_a_crowd_one_thing_is_told() -> None:
    alarms, crowd = Alarms(), [lost(name) for name in "abcd"]
    assert alarms.lost(crowd, SOON) == []
    assert alarms.darkened({CLUSTER: "4 of 10"}) == ({CLUSTER: "4 of 10"}, [])
    assert alarms.darkened({CLUSTER: "5 of 10"}) == ({}, []), "the same darkness"
    assert alarms.lost(crowd, LATER) == []
    assert alarms.darkened({}) == ({}, [CLUSTER])


def test_who_stays_lost_when_the_crowd_is_back_is_told_of_after_a_moment() -> None:
    alarms, (told, *crowd) = Alarms(), [lost(name) for name in "abcd"]
    alarms.lost([told], SOON)
    assert alarms.lost([told], LATER) == [told]
    alarms.darkened({CLUSTER: "4 of 10"})
    alarms.lost([told, *crowd], LATER + 1)
    alarms.lost([told, *crowd], LATER + 100)
    alarms.darkened({})
    left = [told, crowd[0]]
    assert alarms.lost(left, LATER + 101) == [], "the others come back one after another"
    assert alarms.lost(left, LATER + 100 + ALERT_AFTER_SECONDS) == [crowd[0]], "told of before"
    assert alarms.lost(left, LATER + 500) == []
