"""Two conclusions about one VM differ in what they are, and not in their words."""

import msgspec

from tests import worlds
from tests.recorded import pass_over
from vmuster.model.plan import Plan
from vmuster.reconcile.differing import Compared, Difference, beside
from vmuster.reconcile.passed import Passed, again


def compared(was: Passed) -> Compared:
    return beside(was, again(was.given))


def found(was: Passed) -> Difference:
    (one,) = compared(was).differences
    return one


def test_a_pass_is_as_it_was() -> None:
    assert compared(pass_over(worlds.ghost())) == Compared(decisions=1, differences=())


def test_other_words_for_the_same_are_no_difference() -> None:
    was = pass_over(worlds.owned())
    (one,) = was.decided
    said = msgspec.structs.replace(was, decided=(msgspec.structs.replace(one, why="it is well"),))
    assert compared(said).differences == ()


def test_another_rule_is_a_difference() -> None:
    was = pass_over(worlds.owned())
    (one,) = was.decided
    by = msgspec.structs.replace(was, decided=(msgspec.structs.replace(one, rule="of old"),))
    assert found(by).now == one
    assert found(by).why == one.why
    told = found(by)
    assert (told.at, told.host_name, told.name) == (was.given.at, "home", one.name)


def test_what_is_concluded_now_alone_or_was_then_alone_is_told() -> None:
    was = pass_over(worlds.owned())
    assert found(msgspec.structs.replace(was, decided=())).was is None
    (one,) = beside(was, Plan(host=was.given.recorded.host)).differences
    assert (one.now, one.why) == (None, "nothing would be concluded about it")


def test_why_a_report_would_not_be_believed_is_the_reason() -> None:
    was = pass_over(worlds.owned())
    (one,) = beside(was, Plan(host=was.given.recorded.host, refused="it is late")).differences
    assert (one.was, one.now, one.why) == (was.decided[0], None, "it is late")
