"""The tables show what the server gives."""

import pytest

from tests.served import Served
from vmuster.cli.columns import CLUSTERS, HOSTS, JOURNAL, OPERATIONS, VM, VMS
from vmuster.cli.printing import Column, Item, Shape
from vmuster.model.host import Host


def shown(item: Item, shape: Shape) -> dict[str, object]:
    return {column.title: column.value(item) for column in shape.columns}


def test_every_column_has_its_field(world: Served, alpha: Host) -> None:
    vm = str(world.ours(alpha, "shown"))
    with world.client() as client:
        assert shown(client.hosts()[0], HOSTS)["MODE"] == "manage"
        assert shown(client.vms()[0], VMS)["STANDING"] == "owned"
        assert shown(client.vm(vm), VM)["ALSO ON"] == ""
        assert shown(client.operations()[0], OPERATIONS)["STATE"] == "done"
        assert str(shown(client.journal()[0], JOURNAL)["AT"]).endswith("Z")
        granted = client.set_policy("default", {"unknown_vms": "stop-by-name"})
        assert shown(granted, CLUSTERS)["STOPS BY NAME GRANTED BY"] == "anna"
        client.set_policy("default", {"unknown_vms": "leave"})


@pytest.mark.parametrize(("text", "colour"), [("running", "green"), ("alert", "red"), ("x", "")])
def test_colours_go_by_words(text: str, colour: str) -> None:
    columns: list[Column] = [*VMS.columns, *JOURNAL.columns]
    styles = [column.style(text) for column in columns if column.title in ("POWER", "KIND")]
    assert styles == [colour, colour]
