"""What keeps automation back is recognized by the words in which it is said."""

from tests.unit.reconcile.test_idle import CASES as IDLE
from tests.unit.reconcile.test_limits import CASES as LIMITS
from vmuster.reconcile.breaker import breaker
from vmuster.reconcile.limits import BUDGETS
from vmuster.reconcile.pages.bounds import PAGES
from vmuster.reconcile.pages.page import Family
from vmuster.reconcile.rules import spoken

NAMES = {page.name for page in PAGES}


def name_of(words: str, family: Family) -> str:
    page = spoken(words, family)
    assert page is not None, words
    return page.name


def test_every_reason_to_be_idle_has_its_own_page() -> None:
    said = {name_of(words, Family.IDLE) for _, words in IDLE if words != "the breaker is open"}
    open_ = name_of(f"the breaker of the fleet is open: {breaker(4, 5, 20)}", Family.IDLE)
    uncounted = name_of("the hosts have not been counted yet", Family.IDLE)
    assert said | {open_, uncounted} == {p.name for p in PAGES if p.family is Family.IDLE}


def test_every_budget_has_its_own_page() -> None:
    said = {name_of(words, Family.LIMIT) for *_, words in LIMITS if words}
    assert said == {p.name for p in PAGES if p.family is Family.LIMIT}
    assert len(said) == len(BUDGETS)


def test_a_budget_of_the_fleet_is_set_for_the_fleet() -> None:
    remedies = {page.name: page.remedy for page in PAGES}
    assert "`vmuster fleet policy set stops_per_window_max=" in remedies["stops-per-fleet"]
    assert (
        "`vmuster cluster policy set NAME cluster_stops_per_window_max="
        in (remedies["stops-per-cluster"])
    )
