"""No name leads a request astray."""

import pytest

from tests.unit.client.refusals import refused
from vmuster.client.errors import ClientError
from vmuster.client.rest import Client


@pytest.mark.parametrize("name", [".", "..", "...", "%2e", "x/../y", "\udcff", "é", "a\x00b"])
def test_no_name_leads_astray(client: Client, name: str) -> None:
    with refused(404):
        client.vm(name)
    with refused(404):
        client.start(name)


def test_an_empty_name_is_asked_of_nobody(client: Client) -> None:
    for ask in (client.host, client.remove_host, client.plan, client.vm):
        with pytest.raises(ClientError, match="a name is empty"):
            ask("")
