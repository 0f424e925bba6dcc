"""The whole API, asked at random: by its own document, and about things that are there (T35).

What chance makes of the schemas, valid or broken, is asked as it is, and then about something of
the estate, so that requests come as far as they can. Every answer has to be one that the
document describes, and to tell nothing of our insides. `GET /events` is left out: it never ends.
"""

import itertools
import math
import re
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, cast

import msgspec
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi import checks

from tests.effort import examples
from tests.estates import HYPERVISORS, Estate
from tests.served import KEYS, served
from vmuster.api.app import OPENAPI
from vmuster.api.outputs.problems import MEDIA_TYPE
from vmuster.model.operations import Operation
from vmuster.model.policy import FleetPolicy, Policy

AnyCase = Any
"""A request as schemathesis makes it; it does not say of what type."""
REQUESTS: Final = min(examples(5_000), 20_000)
SHARES_OF: Final = {"in memory": 0.9, "in SQLite": 0.1}
"""Where the estate is kept, and how much of the whole is asked of it there; SQLite takes longer."""
SHARES: Final = {GenerationMode.POSITIVE: 3, GenerationMode.NEGATIVE: 1}
"""How much of what is asked is valid by the schemas, and how much is not."""
TWICE: Final = 0.7
"""Most of what chance makes is asked twice."""
EVERY_HEALTH_CHECK: Final[list[Any]] = list(HealthCheck)  # pyright: ignore[reportArgumentType]
ENDLESS: Final = frozenset({"GET /api/v1/events"})
ROUNDS: Final = (("GET",), ("POST", "PUT", "PATCH"), ("DELETE",), ("GET",))
"""Reads of what is there; changes; then reads of what they made of it."""
DESCRIBED: Final[Any] = checks
CHECKS: Final[list[Any]] = [
    DESCRIBED.status_code_conformance,
    DESCRIBED.content_type_conformance,
    DESCRIBED.response_headers_conformance,
    DESCRIBED.response_schema_conformance,
]
INSIDES: Final = re.compile(
    r"Traceback|File \"|site-packages|/\w+\.py\b|sqlalchemy|sqlite3|OperationalError|pydantic"
    r"|\b(?:SELECT|INSERT|UPDATE|DELETE) .*\b(?:FROM|INTO|SET)\b|/(?:home|root|tmp|usr|var)/",
)
WAIT_MAX: Final = 0.02
SETTINGS: Final = [
    field.name for kind in (Policy, FleetPolicy) for field in msgspec.structs.fields(kind)
]


class Known:
    """What is there, and where a request can name it: by its path, its fields, its settings."""

    def __init__(self, estate: Estate) -> None:
        vms = [*map(str, estate.vms.values()), "web-01", "Windows 7 (32-bit) (1)", "db-01"]
        hosts, clusters = ["alpha", "beta", estate.alpha.id], ["default", "north"]
        world = estate.world
        operations = world.run(world.fleet.store.find(Operation, limit=10))
        self._paths: dict[str, list[str]] = {
            "hosts": hosts,
            "clusters": clusters,
            "vms": vms,
            "explanations": [*vms, *(str(each.id) for each in operations)],
            "operations": [str(each.id) for each in operations],
            "plans": [estate.plan],
            "credentials": ["fleet-ssh", "another"],
            "api-keys": ["script", "bert"],
            "webhooks": ["pager", "another"],
            "recording": ["1", "2"],
            "rules": [rule["name"] for rule in world.client().rules()],
        }
        self._fields = {"host": hosts, "cluster": clusters, "on": hosts, "vm": vms}
        self._fields["name"] = [*vms, *hosts, *clusters]
        self._turn = itertools.count()

    def name_in(self, case: AnyCase) -> bool:
        """Have a request name what is there, wherever it names anything; whether it does."""
        turn = next(self._turn)
        group = case.path.split("/")[3] if case.path.startswith("/api/") else ""
        parameters: dict[str, Any] = case.path_parameters or {}
        for parameter in parameters:
            parameters[parameter] = _one_of(self._paths[group], turn)
        body = _fields(case.body)
        if turn % 2:
            self._name_fields(_fields(case.query), turn // 2)
            self._name_fields(body, turn // 2)
        if "policy" in case.path and turn % 3:
            case.body = {_one_of(SETTINGS, turn): value for value in body.values()}
        return bool(parameters or body)

    def _name_fields(self, said: dict[str, Any], turn: int) -> None:
        for field in said.keys() & self._fields.keys():
            if isinstance(said[field], str):
                said[field] = _one_of(self._fields[field], turn)


class Fuzzer:
    """Asks, counts what it sent, and remembers for each operation what was wrong first."""

    def __init__(self, estate: Estate) -> None:
        self.sent = 0
        self.statuses = dict[str, set[int]]()
        self.wrong = dict[str, str]()
        self._known = Known(estate)
        self._session = requests.Session()
        self._session.trust_env = False

    def ask(self, case: AnyCase) -> None:
        """Ask it as chance made it; and once more about what is there."""
        self._send(case)
        if self._known.name_in(case):
            self._send(case)

    def _send(self, case: AnyCase) -> None:
        query, headers = _fields(case.query), dict[str, str](case.headers or {})
        if _number(query.get("wait")) > WAIT_MAX:
            query["wait"] = WAIT_MAX
        case.query = query
        case.headers = {**headers, "Authorization": f"Bearer {KEYS['anna']}"}
        answer = case.call(session=self._session, timeout=20)
        self.sent += 1
        label = case.operation.label
        self.statuses.setdefault(label, set()).add(answer.status_code)
        said = _wrong(case, answer)
        if said:
            self.wrong.setdefault(label, f"{answer.status_code} {answer.text[:500]}: {said}")


def _wrong(case: AnyCase, answer: Any) -> str:
    """What is wrong with an answer; empty where it is one of those that are described."""
    found = INSIDES.search(answer.text)
    if found:
        return f"it tells of our insides: {found[0]}"
    request = answer.headers.get("x-request-id", [""])[0]
    if not request:
        return "it has no request id"
    if answer.status_code >= 400:
        if answer.headers["content-type"] != [MEDIA_TYPE]:
            return "it is no problem document"
        if answer.json()["instance"] != f"urn:vmuster:request:{request}":
            return "it does not say which request it was"
    if answer.status_code == 503 and "retry-after" not in answer.headers:
        return "it does not say when to come again"
    if answer.status_code >= 500 and answer.status_code != 503:
        return "the server failed"
    try:
        case.validate_response(answer, checks=CHECKS)
    except FailureGroup as failures:
        return "; ".join(str(failure) for failure in failures.exceptions)
    return ""


def _fields(said: object) -> dict[str, Any]:
    """What is said by name; nothing where it is no table of fields."""
    return cast("dict[str, Any]", said) if isinstance(said, dict) else {}


def _one_of(values: list[str], turn: int) -> str:
    return values[turn % len(values)]


def _number(said: object) -> float:
    try:
        return float(said)  # pyright: ignore[reportArgumentType]
    except (TypeError, ValueError):
        return 0.0


def _drive(
    operation: Any, mode: GenerationMode, ask: Callable[[AnyCase], None], times: int
) -> None:
    """Ask `times` by what chance makes of an operation's schema: the same at every run."""

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=times,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=EVERY_HEALTH_CHECK,
    )
    def drive(case: AnyCase) -> None:
        ask(case)

    with suppress(Unsatisfiable):  # there is nothing to break about it
        drive()


@contextmanager
def furnished(database: Path | None) -> Generator[Estate]:
    """An estate whose hosts are quiet: what they say is not what is asked for here."""
    with served(*HYPERVISORS, database=database) as world:
        estate = Estate(world)
        for cluster in ("default", "north"):
            world.run(world.fleet.policy(cluster, report_seconds=30.0))
        yield estate


def operations(estate: Estate) -> list[Any]:
    schema: Any = schemathesis.openapi.from_url(estate.world.url + OPENAPI)
    every = [each.ok() for each in schema.get_all_operations()]
    return [each for each in every if each.label not in ENDLESS]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("kept", SHARES_OF)
def test_every_answer_is_described_and_tells_nothing_of_our_insides(
    kept: str, tmp_path: Path
) -> None:
    wanted = math.ceil(REQUESTS * SHARES_OF[kept])
    with furnished(tmp_path / "vmuster.db" if kept == "in SQLite" else None) as estate:
        fuzzer, every = Fuzzer(estate), operations(estate)
        asked = [
            (each, mode)
            for methods in ROUNDS
            for each in every
            if each.method.upper() in methods
            for mode in SHARES
        ]
        weight = sum(SHARES[mode] for _, mode in asked)
        for each, mode in asked:
            _drive(each, mode, fuzzer.ask, math.ceil(TWICE * wanted * SHARES[mode] / weight))
        assert fuzzer.wrong == {}
        assert fuzzer.sent >= wanted
        assert set(fuzzer.statuses) == {each.label for each in every}
        done = [label for label, seen in fuzzer.statuses.items() if min(seen) < 300]
        assert len(done) > len(every) * 3 / 4
