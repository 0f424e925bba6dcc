"""Reasons, rules and the journal's truth, over real HTTP."""

from tests.served import Served
from tests.unit.client.refusals import refused
from vmuster.client.rest import Client
from vmuster.model.host import Host


def test_reasons_and_rules(world: Served, alpha: Host, client: Client) -> None:
    vm = str(world.ours(alpha, "told"))
    assert client.story("told", limit=5)["reference"] == vm
    assert client.rule("held") in client.rules()
    for ask in (client.story, client.rule):
        with refused(404):
            ask("nobody")


def test_the_journal_is_verified_to_its_end(alpha: Host, client: Client) -> None:
    anchor = client.journal_head()["anchor"]
    *_, verdict = client.verification(anchor=anchor)
    assert verdict["sound"]
    assert verdict["next"] is None
    *_, other = client.verification(anchor=f"1:{'0' * 64}")
    assert not other["sound"]
