"""Messages between a server and an agent."""

import msgspec
import pytest

from tests import moments
from vmuster.model.messages import digest_of_settings
from vmuster.model.states import HostMode


@pytest.mark.parametrize(
    "change", [{"mode": HostMode.OBSERVE}, {"automatic": False}, {"report_seconds": 7.0}]
)
def test_settings_are_known_by_their_digest(change: dict[str, object]) -> None:
    told = moments.settings(mode=HostMode.MANAGE, automatic=True)
    again = msgspec.json.decode(msgspec.json.encode(told), type=type(told))
    assert digest_of_settings(again) == digest_of_settings(told)
    assert digest_of_settings(msgspec.structs.replace(told, **change)) != digest_of_settings(told)
    assert len(digest_of_settings(told)) == 16
