"""The tables show what the server gives."""

import pytest

from tests.served import Served
from vmuster.cli.printing.columns import (
    CLUSTERS,
    FLEET,
    HOST,
    HOSTS,
    JOURNAL,
    KEYS,
    OPERATIONS,
    VM,
    VMS,
    reached,
)
from vmuster.cli.printing.forms import Column, Item, Shape
from vmuster.model.host import Host


def shown(item: Item, shape: Shape) -> dict[str, object]:
    return {column.title: column.value(item) for column in shape.columns}


def test_every_column_has_its_field(world: Served, alpha: Host) -> None:
    vm = str(world.ours(alpha, "shown"))
    with world.client() as client:
        assert shown(client.hosts()[0], HOSTS)["MODE"] == "manage"
        client.set_automation("host", "alpha", armed=False, why="work")
        host = shown(client.host("alpha"), HOST)
        assert str(host["DISARMED"]).startswith("by anna, ")
        assert str(host["DISARMED"]).endswith(": work")
        assert (host["VMS"], host["HOSTNAME"], host["REACHED BY"]) == (1, "alpha", "simulated")
        troubled = {**client.host("alpha"), "trouble": "x" * 250}
        assert len(str(shown(troubled, HOSTS)["TROUBLE"])) == 60
        assert shown(troubled, HOST)["TROUBLE"] == "x" * 250
        silent = {**client.host("alpha"), "last_complete_at": None, "facts": None}
        assert (shown(silent, HOST)["VMS"], shown(silent, HOST)["HOSTNAME"]) == (None, None)
        client.set_automation("host", "alpha", armed=True)
        assert shown(client.fleet(), FLEET)["QUARANTINE SINCE"] is None
        assert shown(client.signing_keys()[0], KEYS)["SIGNS"] is True
        assert shown(client.vms()[0], VMS)["STANDING"] == "owned"
        assert shown(client.vm(vm), VM)["ALSO ON"] == ""
        assert shown(client.operations()[0], OPERATIONS)["STATE"] == "done"
        assert str(shown(client.journal()[0], JOURNAL)["AT"]).endswith("Z")
        granted = client.set_policy("default", {"unknown_vms": "stop-by-name"})
        assert shown(granted, CLUSTERS)["STOPS BY NAME GRANTED BY"] == "anna"
        client.set_policy("default", {"unknown_vms": "leave"})


def test_where_a_host_calls_a_vm_otherwise_both_names_stand() -> None:
    name = VMS.columns[0]
    assert name.value({"name": "web-01", "label": "web-renamed"}) == "web-01 (there: web-renamed)"
    assert name.value({"name": "web-01", "label": "web-01"}) == "web-01"


@pytest.mark.parametrize(("text", "colour"), [("running", "green"), ("alert", "red"), ("x", "")])
def test_colours_go_by_words(text: str, colour: str) -> None:
    columns: list[Column] = [*VMS.columns, *JOURNAL.columns]
    styles = [column.style(text) for column in columns if column.title in ("POWER", "KIND")]
    assert styles == [colour, colour]


@pytest.mark.parametrize(
    ("profile", "said"),
    [
        ({"kind": "local", "scope": "session"}, "local, session"),
        ({"kind": "loopback", "port": 1}, "loopback port 1"),
        (
            {
                "kind": "ssh",
                "user": "ann",
                "address": "a",
                "port": 22,
                "scope": "system",
                "credential": "c",
            },
            "ssh ann@a port 22, system, credential c",
        ),
        (
            {"kind": "tls", "address": "a", "port": 1, "scope": "system", "credential": ""},
            "tls a port 1, system",
        ),
    ],
)
def test_how_a_host_is_reached_is_said(profile: Item, said: str) -> None:
    assert reached(profile) == said


def test_health_is_shown_with_its_age(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vmuster.cli.printing.columns.present", lambda: 1_000.0)
    column = next(column for column in HOSTS.columns if column.title == "HEALTH")
    assert (
        column.value({"health": "suspect", "health_at": "1970-01-01T00:14:40Z"})
        == "suspect (2 min)"
    )
    assert column.value({"health": "suspect", "health_at": None}) == "suspect"
    assert column.value({"health": "up", "health_at": "1970-01-01T00:33:20Z"}) == "up (0 s)"
    assert column.style("unreachable (2 h)") == "red"
