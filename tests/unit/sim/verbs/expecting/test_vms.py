"""Expectations of VMs: each is met where it is so, and says what is so where it is not."""

from tests.expected import never_used, unmet
from vmuster.sim.verbs.expecting.vms import VMS

STORY = """
    host alpha
    host beta
    alpha is in manage
    beta is in manage
    web of ours runs on alpha
    mail of ours is stopped on alpha
    stranger runs on beta
    anna stops web
    anna releases mail
"""
SO = (
    "expect web is recorded as stopped",
    "expect web is recorded on alpha",
    "expect web is wanted stopped",
    "expect web is recorded with power stopped",
    "expect web is recorded with the label web",
    "expect there is no record of mail",
    "expect there is no record of stranger",
    "expect web on alpha stands as owned",
    "expect stranger on beta stands as alien",
    "expect web on alpha is found in_sync",
    "expect stranger on beta is shown running",
    "expect web is not shown on beta",
    "expect the stop of web is done",
    'expect the stop of web is done: "it is stopped"',
    "expect web was asked for 1 times to stop",
    "expect web was asked for 0 times to start",
    "expect nothing is open for web",
)
NOT_SO = {
    "expect web is recorded as running": "its phase is stopped",
    "expect stranger is recorded as running": "there is no record of it",
    "expect web is recorded on beta": "its host is alpha",
    "expect web is wanted running": "what is wanted is stopped",
    "expect web is recorded with power running": "its power is stopped",
    "expect web is recorded with the label mail": "its label is web",
    "expect there is no record of web": "there is one: stopped",
    "expect web on alpha stands as alien": "its standing is owned",
    "expect web on beta stands as owned": "its standing is unknown: it was not seen",
    "expect web on gamma stands as owned": "the fleet has no host gamma",
    "expect web on alpha is found missing": "the finding is in_sync",
    "expect web on beta is found missing": "the finding is none: it was not seen",
    "expect stranger on beta is shown stopped": "its power is running",
    "expect stranger is not shown on beta": "it shows it: running, alien",
    "expect the stop of web is failed": "it is done: it is stopped",
    "expect the start of web is done": "nobody asked for one",
    'expect the stop of web is done: "by force"': "it says 'it is stopped'",
    "expect web was asked for 2 times to stop": "there are 1",
    "expect web was asked for 1.5 times to stop": "there are 1",
}


def test_what_is_so_is_met_and_what_is_not_so_is_said() -> None:
    assert unmet(STORY, (*SO, *NOT_SO), at=60) == NOT_SO


def test_what_is_open_is_said() -> None:
    story = "host alpha\nalpha is in manage\nweb of ours runs on alpha\nalpha is cut off\n"
    sentence = "expect nothing is open for web"
    assert unmet(f"{story}anna stops web\n", [sentence], at=20) == {sentence: "its stop is pending"}


def test_each_form_was_met_and_was_not_met() -> None:
    open_ = "expect nothing is open for web"
    assert never_used(VMS, SO) == never_used(VMS, (*NOT_SO, open_)) == set()
