"""The rules, over real HTTP."""

import httpx2

from tests.unit.api.problem import problem
from vmuster.reconcile.rules import CATALOGUE


def test_every_rule_is_listed_and_shown(http: httpx2.Client) -> None:
    listed = http.get("rules").json()["items"]
    assert [rule["name"] for rule in listed] == list(CATALOGUE)
    assert http.get("rules/stopped-outside").json() in listed


def test_a_rule_that_is_none_is_not_found(http: httpx2.Client) -> None:
    assert problem(http.get("rules/nothing"), 404)["hint"] == "vmuster rule"
