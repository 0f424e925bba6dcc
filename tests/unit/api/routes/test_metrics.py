"""`/metrics`: who may read it, that it is whole and well formed, and that nobody can blow it up."""

import re
from typing import Final

import httpx2
from msgspec.structs import replace
from prometheus_client.parser import text_string_to_metric_families

from tests.doors import Door, at_door
from tests.servers import Bench, seen, vm
from vmuster.model.changes import Changes
from vmuster.model.vm import Sighting
from vmuster.server.figures import catalogue as of
from vmuster.server.figures.catalogue import METRICS
from vmuster.server.figures.scrape import CACHED_SECONDS

URL: Final = "http://door/metrics"
NEAR: Final = "127.0.0.1"
HOSTILE: Final = '\x1b[2J"} 1\nevil{a="'
Labels = dict[str, set[str]]


def labels_of(text: str) -> Labels:
    """Every value of each label, but the bounds of buckets."""
    found: Labels = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            for name, value in sample.labels.items():
                found.setdefault(name, set()).add(value)
    return found


async def scraped(door: Door, *, wait: float = CACHED_SECONDS) -> str:
    door.clock.pass_by(wait)
    answer = await door.ask("GET", URL, key="", peer=NEAR)
    assert answer.status_code == 200
    return answer.text


def test_from_this_machine_no_key_is_needed() -> None:
    async def act(door: Door) -> list[httpx2.Response]:
        return [await door.ask("GET", URL, key="", peer=peer) for peer in (NEAR, "::1")]

    for answer in at_door(act):
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"


def test_from_elsewhere_any_key_may_read_and_nobody_else() -> None:
    async def act(door: Door) -> list[int]:
        asked = [await door.ask("GET", URL, key=key) for key in ("", "wrong", "read", "operate")]
        return [answer.status_code for answer in asked]

    assert at_door(act) == [401, 401, 200, 200]


def test_who_comes_by_a_proxy_of_this_machine_comes_from_elsewhere() -> None:
    async def act(door: Door) -> int:
        headers = {"X-Forwarded-For": "127.0.0.1"}
        return (await door.ask("GET", URL, key="", peer=NEAR, headers=headers)).status_code

    assert at_door(act) == 401


def test_it_is_in_no_description() -> None:
    async def act(door: Door) -> str:
        return (await door.ask("GET", "openapi.json")).text

    assert "/metrics" not in at_door(act)


def test_what_is_told_is_of_the_catalogue_and_of_the_process() -> None:
    async def act(door: Door) -> str:
        host = await door.parts.host()
        door.parts.context.weather.count([host])
        await door.parts.report(host, seen(vm(1)))
        return await scraped(door)

    families = {each.name: each for each in text_string_to_metric_families(at_door(act))}
    ours = {name for name in families if name.startswith("vmuster_")}
    known = {metric.name.removesuffix("_total"): metric for metric in METRICS}
    assert ours <= set(known)
    assert len(ours) > 35
    assert {"process_cpu_seconds", "process_resident_memory_bytes", "process_open_fds"} <= set(
        families
    )
    for name in ours:
        assert families[name].type == known[name].kind
        assert families[name].documentation == known[name].what
    taken = [s for s in families["vmuster_passes"].samples if s.labels == {"outcome": "taken"}]
    assert [sample.value for sample in taken] == [1]


def test_what_has_no_number_is_not_told() -> None:
    async def act(door: Door) -> str:
        return await scraped(door)

    text = at_door(act)
    assert of.CERTIFICATE_ENDS.name not in text
    assert of.DATABASE_BYTES.name not in text


def test_counters_go_on_from_scrape_to_scrape() -> None:
    async def act(door: Door) -> list[str]:
        return [await scraped(door, wait=0) for _ in range(3)]

    pattern = re.compile(r'requests_total\{code="200",method="GET",route="/metrics"\} (\d)')
    assert [pattern.findall(text) for text in at_door(act)] == [[], ["1"], ["2"]]


async def show(parts: Bench, numbers: range) -> None:
    """Have a host show VMs, each with a hostile name of its own."""
    (like,) = await parts.store.find(Sighting, limit=1, name="vm-1")
    sightings = tuple(
        replace(like, uuid=vm(number), name=f"{HOSTILE}{number}") for number in numbers
    )
    assert await parts.store.commit([Changes(sightings=sightings)]) == [""]


def test_a_hundred_thousand_names_add_no_value_of_a_label() -> None:
    """T36."""

    async def act(door: Door) -> list[str]:
        await door.parts.report(await door.parts.host(), seen(vm(1)))
        await scraped(door)
        before = await scraped(door)
        await show(door.parts, range(2, 100_001))
        return [before, await scraped(door)]

    before, after = at_door(act)
    assert labels_of(after) == labels_of(before)
    assert 'vmuster_vms{power="running",standing="alien"} 100000.0\n' in after
    assert "evil" not in after
    assert "\x1b" not in after
