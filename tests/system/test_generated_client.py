"""A client that nobody wrote: made by a generator from the OpenAPI document, it does real work."""

import importlib
import json
import subprocess
import sys
from collections.abc import Callable, Generator
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import httpx2
import pytest

from tests.served import KEYS, Served, served
from vmuster.api.app import OPENAPI

_NAME: Final = "generated_fleet_client"
_GENERATE: Final = (sys.executable, "-m", "openapi_python_client", "generate")
Load = Callable[[str], Any]


@pytest.fixture(scope="module")
def world() -> Generator[Served]:
    with served("alpha") as world:
        yield world


@pytest.fixture(scope="module")
def load(world: Served, tmp_path_factory: pytest.TempPathFactory) -> Generator[Load]:
    """A module of the generated package, by its name; nothing was left out of it."""
    folder = tmp_path_factory.mktemp("generated")
    document, settings = folder / "openapi.json", folder / "settings.json"
    document.write_bytes(httpx2.get(world.url + OPENAPI).content)
    settings.write_text(json.dumps({"post_hooks": []}))
    said = ["--path", document, "--config", settings, "--output-path", folder / _NAME]
    made = subprocess.run(
        [*_GENERATE, *map(str, said), "--meta", "none", "--fail-on-warning"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    sys.path.insert(0, str(folder))
    try:
        yield lambda name: importlib.import_module(f"{_NAME}.{name}" if name else _NAME)
    finally:
        sys.path.remove(str(folder))
        for name in [name for name in sys.modules if name.partition(".")[0] == _NAME]:
            del sys.modules[name]


@pytest.fixture
def client(world: Served, load: Load) -> Any:
    return load("").AuthenticatedClient(base_url=world.url, token=KEYS["anna"])


def test_it_lists_vms_page_by_page_and_adopts_one(world: Served, load: Load, client: Any) -> None:
    host = world.add_host("alpha")
    vms = {str(world.appear(host, f"vm {number}")) for number in range(3)}
    list_vms, cursor, found = load("api.vms.list_vms"), load("types").UNSET, list[Any]()
    while cursor is not None:
        page = list_vms.sync(client=client, host="alpha", limit=2, cursor=cursor)
        found, cursor = found + page.items, page.next_
    assert {str(vm.uuid) for vm in found} == vms
    assert found[0].standing is load("models").Standing.ALIEN
    assert found[0].desired is None

    operation = load("api.vms.adopt_vm").sync("vm 1", client=client, body=load("models").Adoption())
    assert isinstance(operation.id, UUID)
    assert operation.host_name == "alpha"
    assert abs((datetime.now(UTC) - operation.created_at).total_seconds()) < 60
    ended = load("api.operations.show_operation").sync(operation.id, client=client, wait=10.0)
    assert ended.state is load("models").OperationState.DONE
    assert ended.finished_at >= operation.created_at


def test_it_reads_refusals(load: Load, client: Any) -> None:
    refused = load("api.vms.stop_vm").sync("nobody", client=client, body=load("models").Stop())
    assert (refused.status, refused.title) == (404, "Not found")
    assert refused.hint == "vmuster vm list"


def test_it_rehearses(world: Served, load: Load, client: Any) -> None:
    models = load("models")
    added = load("api.clusters.add_cluster").sync(
        client=client, body=models.NewCluster(name="north"), dry_run=True
    )
    assert isinstance(added, models.Rehearsed)
    assert added.dry_run
    known = load("api.clusters.list_clusters").sync(client=client)
    assert [cluster.name for cluster in known.items] == ["default"]
