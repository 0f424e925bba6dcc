"""Routes of the recording."""

import gzip
import zlib
from collections.abc import Generator

import httpx2
import pytest

from tests.served import Served
from tests.unit.api.problem import problem
from vmuster.model.host import Host


@pytest.fixture(autouse=True)
def dropped(http: httpx2.Client) -> Generator[None]:
    """No recording is left for the next test."""
    yield
    http.delete("recording")


def test_there_is_none_as_a_rule(http: httpx2.Client) -> None:
    shown = http.get("recording").json()
    assert (shown["started_at"], shown["segments"], shown["stopped"]) == (None, [], "")
    problem(http.get("recording/segments/1"), 404)
    problem(http.post("recording/stop"), 409)
    problem(http.delete("recording"), 404)


def test_it_is_started_fetched_stopped_and_dropped(
    world: Served, alpha: Host, http: httpx2.Client
) -> None:
    begun = http.post("recording/start", json={"hours": 1, "max_mib": 2}).json()
    assert begun["size_max"] == 2 << 20
    assert begun["started_at"] < begun["ends_at"]
    world.passes(alpha, 3)
    (segment,) = http.get("recording").json()["segments"]
    answer = http.get(f"recording/segments/{segment['number']}")
    assert answer.headers["content-type"] == "application/octet-stream"
    lines = zlib.decompressobj(31).decompress(answer.content).splitlines()
    assert lines[0].startswith(b'{"line":"recording"')
    assert len(lines) > 1
    stopped = http.post("recording/stop").json()
    assert stopped["stopped"] == "by anna"
    whole = gzip.decompress(http.get("recording/segments/1").content)
    assert len(whole.splitlines()) == stopped["passes"] + 1
    assert http.delete("recording").json()["started_at"] is None
    problem(http.get("recording/segments/1"), 404)


@pytest.mark.parametrize(
    "body",
    [
        {"hours": 0},
        {"hours": 10_000},
        {"max_mib": 0},
        {"max_mib": 1 << 20},
        {"mib": 1},
        {"hours": "1"},
    ],
    ids=str,
)
def test_what_is_no_length_is_refused(http: httpx2.Client, body: dict[str, object]) -> None:
    problem(http.post("recording/start", json=body), 422)
    assert http.get("recording").json()["started_at"] is None


@pytest.mark.parametrize("number", ["-1", "x", "1.5", "10000000000", "..%2Fkeys"])
def test_what_is_no_number_is_no_segment(http: httpx2.Client, number: str) -> None:
    assert http.get(f"recording/segments/{number}").status_code in (400, 404, 422)
