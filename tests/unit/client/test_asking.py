"""No name leads a request astray."""

import pytest

from tests.served import Served
from tests.unit.client.refusals import refused
from vmuster.client.errors import ClientError
from vmuster.client.rest import Client
from vmuster.model.host import Host


@pytest.mark.parametrize("name", [".", "..", "...", "%2e", "x/../y", "\udcff", "é", "a\x00b"])
def test_no_name_leads_astray(client: Client, name: str) -> None:
    with refused(404):
        client.vm(name)
    with refused(404):
        client.start(name)


def test_pages_are_asked_for_one_by_one(world: Served, alpha: Host, client: Client) -> None:
    vms = sorted(str(world.appear(alpha, f"vm {number}")) for number in range(3))
    pages = list(client.pages("vms", limit=2, host="alpha"))
    assert [len(page) for page in pages] == [2, 1]
    assert sorted(vm["uuid"] for page in pages for vm in page) == vms
    assert len(client.vms(limit=2)) == 2


def test_any_path_can_be_asked(alpha: Host, client: Client) -> None:
    assert client.raw("GET", "/hosts/alpha")["id"] == alpha.id
    assert client.raw("GET", "/api/v1/hosts?limit=1")["items"][0]["id"] == alpha.id
    north = client.raw("POST", "clusters", json={"name": "north"}, key="once")
    assert client.raw("POST", "clusters", json={"name": "north"}, key="once") == north


@pytest.mark.parametrize("path", ["http://other.example/x", "https://x", "localhost:1/x", "", "/"])
def test_no_path_leads_to_another_server(client: Client, path: str) -> None:
    with pytest.raises(ClientError, match="no path of the API"):
        client.raw("GET", path)


def test_a_path_with_two_slashes_stays_here(client: Client) -> None:
    with refused(404):
        client.raw("GET", "//other.example/x")


def test_an_empty_name_is_asked_of_nobody(client: Client) -> None:
    for ask in (client.host, client.remove_host, client.plan, client.vm):
        with pytest.raises(ClientError, match="a name is empty"):
            ask("")
