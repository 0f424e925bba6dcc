"""Webhooks, over real HTTP."""

from vmuster.client.rest import Client


def test_webhooks(client: Client) -> None:
    added = client.add_webhook("w1", "https://hooks.example/x", kinds=("alert", "held"))
    assert added["secret"].startswith("whsec_")
    assert client.webhook("w1") | {"secret": added["secret"]} == added
    assert [each["name"] for each in client.webhooks()] == ["w1"]
    assert client.test_webhook("w1") == {"name": "w1", "taken_in": True, "trouble": ""}
    given = client.add_webhook(
        "w2", "https://hooks.example/x", secret="of sixteen or so".replace(" ", "-")
    )
    assert given["secret"] == ""
    assert client.remove_webhook("w1")["name"] == "w1"
    assert [each["name"] for each in client.webhooks()] == ["w2"]
