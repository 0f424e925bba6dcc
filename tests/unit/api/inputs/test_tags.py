"""Who changes what they have read is told where somebody else was quicker."""

import httpx2
import msgspec
import pytest

from tests.served import Served
from tests.unit.api.problem import problem
from vmuster.api.inputs.tags import tag_of
from vmuster.model.host import Host


def test_a_tag_is_of_what_people_set(alpha: Host) -> None:
    def changed(**fields: object) -> str:
        return tag_of(msgspec.structs.replace(alpha, **fields))

    same = changed(epoch=9, sequence=9, digest="x", vms_seen=9, last_report_at=9.0, version=99)
    assert same == tag_of(alpha)
    for fields in ({"name": "x"}, {"mode": "cordoned"}, {"cluster": "x"}):
        assert changed(**fields) != tag_of(alpha)


@pytest.mark.parametrize("path", ["hosts/alpha", "clusters/default", "fleet"])
def test_what_is_shown_has_a_tag(alpha: Host, http: httpx2.Client, path: str) -> None:
    tag = http.get(path).headers["etag"]
    assert tag == http.get(path).headers["etag"]
    assert tag.startswith('"')


def test_reports_do_not_change_the_tag(world: Served, alpha: Host, http: httpx2.Client) -> None:
    before = http.get("hosts/alpha")
    world.appear(alpha, "news")
    world.passes(alpha)
    after = http.get("hosts/alpha")
    assert before.json() != after.json()
    assert before.headers["etag"] == after.headers["etag"]


CHANGES = [
    ("hosts/alpha", "hosts/alpha", {"mode": "cordoned"}, {"mode": "manage"}),
    ("clusters/default", "clusters/default/policy", {"drift": "enforce"}, {"drift": "record"}),
    ("fleet", "fleet/policy", {"stops_per_window_max": 7}, {"stops_per_window_max": 8}),
]


@pytest.mark.parametrize(
    ("shown", "path", "one", "other"), CHANGES, ids=["host", "cluster", "fleet"]
)
def test_a_change_of_what_was_changed_since_is_refused(
    alpha: Host,
    http: httpx2.Client,
    shown: str,
    path: str,
    one: dict[str, object],
    other: dict[str, object],
) -> None:
    tag = http.get(shown).headers["etag"]
    first = http.patch(path, json=one, headers={"If-Match": tag})
    assert first.status_code == 200, first.text
    now = http.get(shown).headers["etag"]
    assert first.headers["etag"] == now != tag
    for stale in (tag, '"x"', f"W/{now}", f'{tag}, "x"'):
        said = problem(http.patch(path, json=other, headers={"If-Match": stale}), 412)
        assert said["type"] == "urn:vmuster:problem:stale"
    assert http.get(shown).headers["etag"] == now
    for good in (f"{tag}, {now}", "*"):
        assert http.patch(path, json=one, headers={"If-Match": good}).status_code == 200
    assert http.patch(path, json=other).status_code == 200
