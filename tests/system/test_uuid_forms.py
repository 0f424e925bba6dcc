"""However a uuid is written, it is one VM's; what only looks like one is a name (T37).

Beside the VM of ours, strangers are called by each text that looks like its uuid, or that a
careless reader takes for it: none of them is ever meant for another.
"""

from collections.abc import Generator
from urllib.parse import quote
from uuid import UUID

import httpx2
import pytest
from click.testing import CliRunner, Result

from tests.forms import forms, lookalikes
from tests.served import KEYS, Served, served
from vmuster.cli.main import cli
from vmuster.model.ids import VmUuid

OURS = VmUuid(UUID("01234567-8901-4abc-8def-012345678901"))
OTHER = VmUuid(UUID("00234567-8901-4abc-8def-012345678901"))
"""What a reader who takes `0x` and `_` for digits would make of our VM's uuid."""
TEXTS = (*forms(OURS), *lookalikes(OURS))


@pytest.fixture(scope="module")
def world() -> Generator[Served]:
    with served("alpha") as world:
        yield world


@pytest.fixture(scope="module")
def meant(world: Served) -> dict[str, str]:
    """The uuid that each text means."""
    host = world.add_host("alpha")
    for vm, name in ((OURS, "db-01"), (OTHER, "db-02")):
        world.do(lambda vm=vm, name=name: world.hypervisor("alpha").define(vm, name, running=True))
        world.run(world.fleet.adopt(vm))
    return dict.fromkeys(forms(OURS), str(OURS)) | {
        text: str(world.appear(host, text)) for text in lookalikes(OURS)
    }


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_over_rest(world: Served, meant: dict[str, str], text: str) -> None:
    headers = {"Authorization": f"Bearer {KEYS['anna']}"}
    with httpx2.Client(base_url=f"{world.url}/api/v1/", headers=headers) as http:
        assert http.get("vms/" + quote(text, safe="")).json()["uuid"] == meant[text]
        stop = http.post(f"vms/{quote(text, safe='')}/stop", json={"force": False})
        if stop.is_success:
            http.get(f"operations/{stop.json()['id']}", params={"wait": 10})
        accepted = http.post("hosts/alpha/accept", json={"uuid": text})
    if meant[text] == str(OURS):
        assert stop.json()["vm"] == str(OURS)
    else:
        assert stop.status_code == 409, "a stranger, and it is not ours to stop"
    assert accepted.status_code in (409, 422), "nobody claims it"


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_by_hand(
    world: Served, meant: dict[str, str], text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VMUSTER_URL", world.url)
    monkeypatch.setenv("VMUSTER_API_KEY", KEYS["anna"])

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(cli, list(arguments))

    shown = run("vm", "show", "-o", "json", "--", text)
    assert shown.exit_code == 0, shown.stderr
    assert f'"{meant[text]}"' in shown.stdout
    accepted = run("host", "accept", "alpha", "--uuid", text, "--yes")
    assert accepted.exit_code in (1, 2), "nobody claims it"
    assert isinstance(accepted.exception, SystemExit)
