"""The recording, over real HTTP."""

import zlib

from tests.served import Served
from tests.unit.client.refusals import refused
from vmuster.client.rest import Client
from vmuster.model.host import Host


def test_a_recording(client: Client, world: Served, alpha: Host) -> None:
    assert client.recording()["started_at"] is None
    assert client.start_recording(hours=1)["size_max"] == 64 << 20
    world.passes(alpha, 3)
    (segment,) = client.recording()["segments"]
    data = client.recording_segment(segment["number"])
    assert b'"line":"pass"' in zlib.decompressobj(31).decompress(data)
    with refused(404):
        client.recording_segment(99)
    assert client.stop_recording()["stopped"] == "by anna"
    assert client.start_recording(max_mib=1)["size_max"] == 1 << 20
    assert client.drop_recording()["started_at"] is None
