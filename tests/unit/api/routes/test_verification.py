"""Whether the journal is as it was written, over real HTTP."""

import httpx2
import pytest

from tests.served import Served
from tests.unit.api.problem import problem
from vmuster.api.routes import verification
from vmuster.model.host import Host


def test_the_head_is_an_anchor_that_verifies(
    world: Served, alpha: Host, http: httpx2.Client
) -> None:
    head = http.get("journal/head").json()
    world.ours(alpha, "since then")
    found = http.get("journal/verification", params={"anchor": head["anchor"]}).json()
    assert found["sound"]
    assert found["entries"] > head["id"]
    assert (found["broken_at"], found["what"], found["next"]) == (None, "", None)


def test_another_journal_is_not_the_one_that_was_written_down(
    alpha: Host, http: httpx2.Client
) -> None:
    number = http.get("journal/head").json()["id"]
    for anchor in (f"{number}:{'0' * 64}", f"{number + 10_000}:{'0' * 64}"):
        found = http.get("journal/verification", params={"anchor": anchor}).json()
        assert not found["sound"]
        assert "written down" in found["what"]


def test_a_long_journal_is_read_some_at_a_time(
    alpha: Host, http: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verification, "_MOST", 2)
    head = http.get("journal/head").json()
    asked = {"anchor": head["anchor"]}
    found = http.get("journal/verification", params=asked).json()
    pages = 1
    while found["next"] is not None:
        assert found["sound"]
        assert found["entries"] == 2 * pages
        more = asked | {"cursor": found["next"]}
        found, pages = http.get("journal/verification", params=more).json(), pages + 1
    assert pages > 2
    assert found["sound"]
    assert found["entries"] >= head["id"]


def test_an_anchor_that_is_missed_on_the_way_is_said_at_once(
    alpha: Host, http: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verification, "_MOST", 2)
    found = http.get("journal/verification", params={"anchor": f"1:{'0' * 64}"}).json()
    assert not found["sound"]
    assert found["next"] is None


@pytest.mark.parametrize("anchor", ["1", "1:", f"x:{'0' * 64}", f"1:{'0' * 63}", f"-1:{'0' * 64}"])
def test_what_is_no_anchor_is_refused(http: httpx2.Client, anchor: str) -> None:
    problem(http.get("journal/verification", params={"anchor": anchor}), 422)
    problem(http.get("journal/verification", params={"cursor": anchor}), 422)
