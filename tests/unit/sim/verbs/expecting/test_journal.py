"""Expectations of the journal, of commands and of answers: met where so, and said where not."""

from tests.expected import never_used, unmet
from vmuster.sim.verbs.expecting.journal import JOURNAL

STORY = """
    host alpha
    host beta with an agent
    alpha is in manage
    beta is in manage
    web of ours runs on alpha
    mail of ours runs on beta
    db of ours runs on beta
    stranger runs on alpha
    anna stops stranger
    web crashes on alpha
    the disk of beta is full
    anna stops mail
 30s  the disk of beta has room again
 31s  beta answers slowly
 31s  anna stops db
      expect a command for db is under way within 30s
      the agent of beta is frozen
"""
SO = (
    'expect an alert: "and crashed"',
    'expect no alert: "and burnt"',
    'expect 1 alerts: "and crashed"',
    'expect an alert about web: "and crashed"',
    "expect no alert about mail",
    'expect the journal says "adopt web"',
    'expect the journal never says "adopt stranger"',
    "expect 1 commands for web",
    "expect a command for db is under way",
    'expect a command for mail failed: "No space left"',
    'expect anna was refused: "it is not ours"',
)
NOT_SO = {
    'expect an alert: "and burnt"': "the last ones say: ",
    'expect no alert: "and crashed"': "it should run, and crashed",
    'expect 2 alerts: "and crashed"': "there are 1; the last ones say: ",
    'expect an alert about mail: "and crashed"': "the last ones say: ",
    "expect no alert about web": "it should run, and crashed",
    "expect no alert at all": "it should run, and crashed",
    'expect the journal says "adopt stranger"': "it does not",
    'expect the journal never says "adopt web"': "adopt web",
    "expect 2 commands for web": "there are 1",
    "expect a command for web is under way": "none is",
    'expect a command for mail was refused: "No space left"': "its commands' answers are done: ",
    'expect a command for db failed: "No space left"': "its commands' answers are done: ",
    'expect bert was refused: "it is not ours"': "bert was told nothing",
    'expect anna was refused: "busy"': "anna was told it is not ours",
    "expect nobody was refused": "anna was told: it is not ours",
}


def test_what_is_so_is_met_and_what_is_not_so_is_said() -> None:
    said = unmet(STORY, (*SO, *NOT_SO), at=65)
    assert said.keys() == NOT_SO.keys()
    for sentence, words in NOT_SO.items():
        assert said[sentence].startswith(words), (sentence, said[sentence])


QUIET = ("expect no alert at all", "expect nobody was refused")
REFUSED = 'expect a command for web was refused: "mark"'


def test_where_nothing_happened_nobody_is_woken_up() -> None:
    assert unmet("host alpha\n", (*QUIET, 'expect an alert: "fire"'), at=30) == {
        'expect an alert: "fire"': "there is none at all"
    }


def test_a_command_that_was_refused() -> None:
    story = """
        host alpha with an agent
        alpha is in manage
        web of ours runs on alpha
     60s  alpha answers slowly
     60s  anna stops web
        expect a command for web is under way within 30s
        somebody strips the mark of web on alpha
    """
    assert unmet(story, [REFUSED], at=120) == {}


def test_each_form_was_met_and_was_not_met() -> None:
    assert never_used(JOURNAL, (*SO, *QUIET, REFUSED)) == never_used(JOURNAL, NOT_SO) == set()
