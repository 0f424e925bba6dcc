"""Expectations of hosts and of what keeps automation back: met where so, and said where not."""

from tests.expected import never_used, unmet
from vmuster.sim.verbs.expecting.hosts import HOSTS

STORY = """
    host alpha
    host beta
    host gamma
    policy quiet_seconds is 0
    policy drift is enforce
    policy starts_per_pass_max is 0
    alpha is in manage
    gamma is in manage
    web of ours runs on gamma
    anna disarms host beta
    the daemon on alpha dies
    anna disarms the fleet
    anna arms the fleet
    somebody stops web on gamma
"""
SO = (
    "expect host alpha is suspect",
    "expect host alpha is in mode manage",
    'expect host alpha is in trouble: "cannot connect"',
    "expect host gamma is in no trouble",
    "expect there is no host delta",
    "expect host alpha is armed by itself",
    "expect host beta is disarmed by itself",
    "expect the fleet is in no quarantine",
    "expect a plan for gamma is held with 1 acts",
    "expect no plan for alpha is held",
    "expect a server serves",
)
NOT_SO = {
    "expect host gamma is unreachable": "it is up: no trouble",
    "expect host delta is up": "the fleet has no host delta",
    "expect host beta is in mode manage": "its mode is observe",
    'expect host gamma is in trouble: "cannot connect"': "its trouble is none",
    "expect there is no host alpha": "it is there",
    "expect host beta is armed by itself": "it was disarmed by anna",
    "expect host alpha is disarmed by itself": "it is armed",
    "expect the fleet is in quarantine": "it is not",
    "expect the fleet is disarmed": "it is armed",
    "expect a plan for gamma is held with 2 acts": "one of 1 acts is",
    "expect a plan for alpha is held with 1 acts": "none is",
    "expect no plan for gamma is held": "one of 1 acts is: ",
}
MORE = "expect the fleet is disarmed", "expect the fleet is in quarantine"
LESS = (
    "expect host alpha is in no trouble",
    "expect the fleet is in no quarantine",
    "expect a server serves",
)


def test_what_is_so_is_met_and_what_is_not_so_is_said() -> None:
    said = unmet(STORY, (*SO, *NOT_SO), at=120)
    assert said.keys() == NOT_SO.keys()
    for sentence, words in NOT_SO.items():
        assert said[sentence].startswith(words), (sentence, said[sentence])


def test_a_quarantine_and_what_it_leaves_behind() -> None:
    story = "host alpha\nanna disarms the fleet\nanna says that the database was restored\n"
    assert unmet(story, MORE, at=30) == {}


def test_what_is_doubtful_is_said_in_words() -> None:
    story = f"{STORY}anna says that the database was restored\nthe server is killed\n"
    said = unmet(story, LESS, at=120)
    assert said.keys() == set(LESS)
    assert "cannot connect" in said[LESS[0]]
    assert "restored" in said[LESS[1]]
    assert said[LESS[2]] == "none does"


def test_each_form_was_met_and_was_not_met() -> None:
    assert never_used(HOSTS, (*SO, *MORE)) == never_used(HOSTS, (*NOT_SO, *LESS)) == set()
