"""API keys, over real HTTP."""

import pytest

from tests.served import Served
from vmuster.client.errors import ClientError
from vmuster.client.profile import Profile
from vmuster.client.rest import Client


def test_a_key_is_made_used_and_revoked(client: Client, world: Served) -> None:
    made = client.create_api_key("ci", scope="operate", lasts_seconds=3600)
    assert made["scope"] == "operate"
    with Client(Profile(url=world.url, key=made["key"])) as fresh:
        assert fresh.own_api_key()["name"] == "ci"
        with pytest.raises(ClientError, match="scope admin") as caught:
            fresh.create_api_key("more")
        assert (caught.value.status, "vmuster api-key create" in caught.value.hint) == (403, True)
        assert {key["name"] for key in client.api_keys()} == {"anna", "bert", "ci"}
        assert client.revoke_api_key("ci")["name"] == "ci"
        with pytest.raises(ClientError, match="No valid key"):
            fresh.own_api_key()


def test_without_more_words_a_key_may_read_for_ever(client: Client) -> None:
    made = client.create_api_key("plain")
    assert (made["scope"], made["expires_at"]) == ("read", None)
    client.revoke_api_key("plain")
