"""Plans, over real HTTP."""

from tests.unit.client.refusals import refused
from vmuster.client.rest import Client
from vmuster.model.host import Host


def test_plans(client: Client, alpha: Host) -> None:
    assert client.plans() == []
    for ask in (client.plan, client.approve_plan, client.reject_plan):
        with refused(404):
            ask("00000000-0000-0000-0000-000000000001")
    (preview,) = client.preview(host="alpha", settings={"drift": "enforce"}, mode="observe")
    assert (preview["host"], preview["mode"], preview["what_if"]) == ("alpha", "observe", True)
    assert len(client.preview(cluster="default")) == len(client.preview())
