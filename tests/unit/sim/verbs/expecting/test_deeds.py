"""Expectations of what truly happens: met where so, and said where not."""

from tests.expected import never_used, unmet
from vmuster.sim.verbs.expecting.deeds import DEEDS

STORY = """
    host alpha
    policy quiet_seconds is 0
    policy drift is enforce
    alpha is in manage
    web of ours runs on alpha
    mail of ours is stopped on alpha
    stranger runs on alpha
 60s  somebody stops web on alpha
 90s  anna stops web by force
"""
SO = (
    "expect nothing was done to stranger",
    "expect nothing was done to web since 110s",
    "expect nothing was done at all since 110s",
    "expect web was started 1 times",
    "expect web was forced 1 times",
    "expect web was stopped 1 times",
    "expect web was never saved",
    "expect stranger truly runs on alpha",
    "expect web truly runs not on alpha",
    "expect stranger has run on alpha since 20s",
    "expect web on alpha bears a mark of ours",
    "expect stranger on alpha bears no mark of ours",
)
NOT_SO = {
    "expect nothing was done to web": "mark of web on alpha at ",
    "expect nothing was done to web since 80s": "force of web on alpha at 9",
    "expect nothing was done at all since 80s": "force of web on alpha at 9",
    "expect nothing was done by itself": "start of web on alpha at 6",
    "expect web was started 2 times": "1 times",
    "expect web was eaten 2 times": "there is no such deed; deeds are started, ",
    "expect web was never started": "1 times",
    "expect web truly runs on alpha": "it does not",
    "expect stranger truly runs not on alpha": "it does",
    "expect web has run on alpha since 20s": "it ended at 9",
    "expect mail has run on alpha since 20s": "it never ran",
    "expect stranger on alpha bears a mark of ours": "it does not",
    "expect web on alpha bears no mark of ours": "it does",
    "expect web on gamma bears no mark of ours": "there is no host gamma",
}


def test_what_is_so_is_met_and_what_is_not_so_is_said() -> None:
    said = unmet(STORY, (*SO, *NOT_SO), at=120)
    assert said.keys() == NOT_SO.keys()
    for sentence, words in NOT_SO.items():
        assert said[sentence].startswith(words), (sentence, said[sentence])


def test_what_was_asked_for_was_not_done_by_itself() -> None:
    story = "host alpha\nalpha is in manage\nweb of ours runs on alpha\nanna stops web\n"
    assert unmet(story, ["expect nothing was done by itself"], at=30) == {}


def test_who_started_anew_has_not_run_since() -> None:
    sentence = "expect web has run on alpha since 10s"
    story = (
        "host alpha\nweb runs on alpha\nsomebody stops web on alpha\nsomebody starts web on alpha\n"
    )
    assert unmet(story, [sentence], at=30) == {}
    again = "20s somebody stops web on alpha\n20s somebody starts web on alpha\n"
    assert unmet(story + again, [sentence], at=30).keys() == {sentence}


def test_each_form_was_met_and_was_not_met() -> None:
    itself = "expect nothing was done by itself"
    assert never_used(DEEDS, (*SO, itself)) == never_used(DEEDS, NOT_SO) == set()
