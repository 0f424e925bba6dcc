"""A request, its commit, its command and the pass that ends it are one trace; no name is in it."""

import sys
from pathlib import Path
from uuid import UUID

import httpx2
import pytest

from tests.fleets import TestFleet, running_fleet, vm_uuid
from tests.spans import Caught, caught, is_child, trace_of
from vmuster.api.app import create_app
from vmuster.api.gates.limits import Limits
from vmuster.model.changes import Changes, Write
from vmuster.model.errors import Refused
from vmuster.model.keys import ApiKey
from vmuster.model.operations import Operation
from vmuster.model.states import PowerState
from vmuster.ports import spans
from vmuster.wiring.serving.traces import TracedApp, exporting

pytestmark = pytest.mark.anyio
NAME = "i-2-78-VM"
KEY = "vmuster_x"
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def asked(
    fleet: TestFleet, method: str, path: str, headers: dict[str, str] | None = None
) -> httpx2.Response:
    """The answer to one request of a traced application."""
    app = TracedApp(create_app(fleet.service, limits=Limits()))
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://door") as client:
        bearer = {"Authorization": f"Bearer {KEY}"}
        return await client.request(method, path, headers={**bearer, **(headers or {})})


async def know_key(fleet: TestFleet) -> None:
    import hashlib

    key = ApiKey(name="k", digest=hashlib.sha256(KEY.encode()).hexdigest(), created_at=1.0)
    assert await fleet.store.commit([Changes(writes=(Write(before=None, after=key),))]) == [""]


async def ended(found: Caught, fleet: TestFleet, *names: str) -> None:
    async def there() -> bool:
        return all(found.all(name) for name in names)

    await fleet.until(there)


async def test_a_request_and_what_came_of_it_are_one_trace(tmp_path: Path) -> None:
    async with running_fleet("alpha", database=tmp_path / "db") as fleet:
        await know_key(fleet)
        host, vm = await fleet.add_host("alpha"), vm_uuid()
        fleet.hypervisors["alpha"].define(vm, NAME, running=True)
        await fleet.adopt(vm)
        with caught() as found:
            answer = await asked(fleet, "POST", f"/api/v1/vms/{NAME}/stop", {"X-Request-Id": "r7"})
            assert answer.status_code == 202
            wanted = UUID(answer.json()["id"])
            operation = await fleet.store.get(Operation, wanted)
            assert operation is not None
            await fleet.done(operation)
            await fleet.sighted(host, vm, power=PowerState.STOPPED)
            await ended(found, fleet, "command")
            name = "POST /api/v1/vms/{ref}/stop"
            request, command = found.one(name), found.one("command")
            trace = trace_of(request)
            assert dict(request.attributes or {}) == {
                "http.request.method": "POST",
                "http.response.status_code": 202,
                "http.route": "/api/v1/vms/{ref}/stop",
                "vmuster.request_id": "r7",
            }
            passes = [each for each in found.all("take_in") if trace_of(each) == trace]
            commits = found.all("commit")
            assert any(is_child(each, request) for each in commits)
            assert passes
            assert any(is_child(each, passes[0]) for each in commits)
            assert trace_of(command) == trace
            assert (command.attributes or {})["vmuster.outcome"] == "done"
            assert (command.attributes or {})["vmuster.command"] == "stop_vm"
            others = [each for each in found.all("take_in") if trace_of(each) != trace]
            assert all(each.parent is None for each in others)
            told = "".join(each.to_json() for each in found.all())
            assert NAME not in told
            assert str(vm) not in told


async def test_a_rehearsal_leaves_no_command_in_it(tmp_path: Path) -> None:
    async with running_fleet("alpha", database=tmp_path / "db") as fleet:
        await know_key(fleet)
        await fleet.add_host("alpha")
        vm = vm_uuid()
        fleet.hypervisors["alpha"].define(vm, NAME, running=True)
        await fleet.adopt(vm)
        with caught() as found:
            path = f"/api/v1/vms/{NAME}/stop?dry_run=true"
            assert (await asked(fleet, "POST", path)).status_code == 200
            assert found.one("POST /api/v1/vms/{ref}/stop")
            spans.use(None)
            assert not found.all("command")


async def test_whoever_sends_a_trace_is_answered_within_it() -> None:
    async with running_fleet() as fleet:
        with caught() as found:
            await asked(fleet, "GET", "/livez", {"traceparent": PARENT})
            await asked(fleet, "GET", "/readyz", {"traceparent": "nonsense"})
            parent = found.one("GET /livez").parent
            assert parent is not None
            assert f"{parent.trace_id:032x}" == PARENT.split("-")[1]
            assert found.one("GET /readyz").parent is None


async def test_a_path_that_is_none_is_called_by_no_name() -> None:
    async with running_fleet() as fleet:
        await know_key(fleet)
        with caught() as found:
            await asked(fleet, "SECRET", f"/{NAME}?x={NAME}")
            (span,) = found.all()
            assert span.name == "OTHER none"
            assert NAME not in span.to_json()
            assert "SECRET" not in span.to_json()


def test_where_nobody_wants_traces_there_are_none() -> None:
    with exporting(""), spans.span("work") as span:
        assert span is None


def test_traces_that_can_not_be_are_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vmuster.wiring.serving.otlp", None)
    with pytest.raises(Refused) as refusal, exporting("http://127.0.0.1:4318"):
        pass
    assert "vmuster[otel]" in refusal.value.hint
