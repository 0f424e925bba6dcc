"""The doctor, over real HTTP."""

from tests.served import Served
from vmuster.client.rest import Client


def test_an_examination(world: Served, client: Client) -> None:
    said = client.examination()
    assert (said["deep"], said["running"]) == (False, True)
    assert client.examination(deep=True)["deep"]
