"""Every field is said by one rule: times as text, hosts with their names, secrets not at all."""

import json

import msgspec
import pytest
from msgspec import inspect

from tests.moments import mark, stop
from tests.servers import Bench
from vmuster.api.app import create_app  # every route has said by then what it gives
from vmuster.api.outputs.documents import structs
from vmuster.api.outputs.schemas import given
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.states import ProofKind
from vmuster.server.answers.saying import host_names, is_time, moment, say, spoken

pytestmark = pytest.mark.anyio
assert create_app
NEITHER: frozenset[tuple[str, str]] = frozenset()
"""Floats that are neither a moment nor so many seconds."""


def test_each_float_of_the_api_is_a_moment_or_so_many_seconds() -> None:
    floats = [
        (kind.cls.__name__, field.name)
        for kind in structs(given())
        for field in kind.fields
        for one in getattr(field.type, "types", (field.type,))
        if isinstance(one, inspect.FloatType)
    ]
    assert len(floats) > 30
    strange = {
        (kind, name) for kind, name in floats if not is_time(name) and not name.endswith("_seconds")
    }
    assert strange == NEITHER
    assert not any(is_time(name) and name.endswith("_seconds") for _, name in floats)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (1_795_337_401.25, "2026-11-22T08:50:01.250000Z"),
        (1.0, "1970-01-01T00:00:01.000000Z"),
        (0.0, None),
        (-5.0, "1970-01-01T00:00:00.000000Z"),
        (1e300, "9999-12-31T23:59:59.000000Z"),
    ],
)
def test_a_moment_is_text(seconds: float, said: str | None) -> None:
    assert moment(seconds) == said


@pytest.mark.parametrize("name", ["at", "created_at", "since", "well_since", "restart_after"])
def test_what_is_a_time(name: str) -> None:
    assert is_time(name)
    assert not is_time(f"{name}_seconds")


async def test_a_command_is_told_without_any_signature(parts: Bench) -> None:
    for kind in ProofKind:
        told = await say(parts.store, stop(kind))
        assert told["proof"]["kind"] == kind
        assert "signature" not in json.dumps(told)
    told = await say(parts.store, stop(ProofKind.NAME))
    assert told["proof"]["grant"]["granted_at"] == "1970-01-01T00:00:01.000000Z"


async def test_evidence_is_told_by_the_same_rule(parts: Bench) -> None:
    host = await parts.host("alpha")
    evidence: dict[str, object] = {
        "proofs": [{"signature": "s", "kept": 1, "host": host.id, "at": 2.0, "since": 3}]
    }
    entry = JournalEntry(at=1.0, kind=EntryKind.ALERT, actor="a", what="w", evidence=evidence)
    told = await say(parts.store, entry)
    assert told["at"] == "1970-01-01T00:00:01.000000Z"
    (proof,) = told["evidence"]["proofs"]
    assert proof == {
        "kept": 1,
        "host": host.id,
        "host_name": "alpha",
        "at": "1970-01-01T00:00:02.000000Z",
        "since": 3,
    }


async def test_a_host_that_is_gone_has_no_name_and_a_name_is_no_id(parts: Bench) -> None:
    told = await say(parts.store, [{"host": "h-0123456789ab"}, {"host": "alpha"}, {"host": None}])
    assert told == [
        {"host": "h-0123456789ab", "host_name": None},
        {"host": "alpha"},
        {"host": None},
    ]


async def test_only_the_hosts_that_are_asked_for_are_looked_up(parts: Bench) -> None:
    alpha, _ = await parts.host("alpha"), await parts.host("beta")
    assert await host_names(parts.store, [alpha.id, "h-0123456789ab"]) == {alpha.id: "alpha"}
    assert spoken(f"seen on {alpha.id} and h-000000000000", {alpha.id: "alpha"}) == (
        "seen on alpha and h-000000000000"
    )


async def test_bytes_and_uuids_are_said_as_text(parts: Bench) -> None:
    told = await say(parts.store, mark())
    assert msgspec.json.decode(msgspec.json.encode(told)) == told
    assert told["generation"] == 7
