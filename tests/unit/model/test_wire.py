"""Messages as bytes: what is sent is what arrives, and anything else is refused whole."""

import contextlib
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmuster.model.ids import HostId, VmUuid
from vmuster.model.mark import RawMark
from vmuster.model.messages import Look, Reported, Trouble
from vmuster.model.report import HostReport
from vmuster.model.states import Completeness, PowerState
from vmuster.model.vm import VmObservation
from vmuster.model.wire import (
    MESSAGE_BYTES_MAX,
    VMS_MAX,
    BadMessage,
    decode_to_agent,
    decode_to_server,
    encode,
)

LOOK = Look(intake=3, vms=(VmUuid(UUID(int=1)),))
TROUBLE = Trouble(host=HostId("h1"), what="libvirt does not answer")


def reported(vms: int) -> Reported:
    mark = RawMark(fleet="f" * 36, vm="v" * 36, generation="1", key="k" * 36, signature="s" * 128)
    seen = tuple(
        VmObservation(
            uuid=VmUuid(UUID(int=number)), name="x" * 60, power=PowerState.RUNNING, mark=mark
        )
        for number in range(vms)
    )
    report = HostReport(
        host=HostId("h1"),
        epoch=1,
        sequence=2,
        boot_id="b",
        completeness=Completeness.COMPLETE,
        vms=seen,
    )
    return Reported(report=report)


def test_a_message_arrives_as_it_was_sent() -> None:
    assert decode_to_agent(encode(LOOK)) == LOOK
    assert decode_to_server(encode(TROUBLE)) == TROUBLE
    assert decode_to_server(encode(reported(2))) == reported(2)


def test_the_largest_host_fits_into_a_message() -> None:
    data = encode(reported(VMS_MAX))
    assert len(data) <= MESSAGE_BYTES_MAX
    assert decode_to_server(data) == reported(VMS_MAX)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"1",
        b"2" + encode(TROUBLE)[1:],
        encode(TROUBLE)[1:],
        encode(TROUBLE)[:-1],
        encode(TROUBLE) + b"x",
        encode(LOOK),
        b'1{"type":"nonsense"}',
        b'1{"type":"trouble","host":"h1"}',
        b'1{"type":"trouble","host":5,"what":""}',
        b"1" + b"[" * 100_000,
        b'1{"type":"trouble","host":"\xff","what":""}',
        b"1" + b" " * MESSAGE_BYTES_MAX,
    ],
)
def test_anything_else_is_refused_whole(data: bytes) -> None:
    with pytest.raises(BadMessage):
        decode_to_server(data)


@given(st.binary(max_size=200).map(lambda body: b"1" + body))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    for decode in (decode_to_server, decode_to_agent):
        with contextlib.suppress(BadMessage):
            decode(data)


def test_a_report_of_too_many_vms_is_refused() -> None:
    report = reported(0).report
    seen = VmObservation(uuid=VmUuid(UUID(int=1)), name="x", power=PowerState.RUNNING)
    crowd = msgspec.structs.replace(report, vms=(seen,) * (VMS_MAX + 1))
    with pytest.raises(BadMessage, match="VMs; at most"):
        decode_to_server(encode(Reported(report=crowd)))


MESSAGES = [encode(message) for message in (LOOK, TROUBLE, reported(2))]
scraps = st.one_of(
    st.binary(max_size=4),
    st.sampled_from([b"1e999", b"NaN", b"-1", b"[", b'"', b"{", b"\xff", b"null", b"\\ud800"]),
)


@given(st.sampled_from(MESSAGES), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 8), scraps)))
def test_a_message_that_was_tampered_with_is_a_message_or_a_bad_one(
    data: bytes, changes: list[tuple[float, int, bytes]]
) -> None:
    for where, length, scrap in changes:
        start = int(where * len(data))
        data = data[:start] + scrap + data[start + length :]
    for decode in (decode_to_server, decode_to_agent):
        with contextlib.suppress(BadMessage):
            message = decode(data)
            assert decode(encode(message)) == message


def test_a_message_that_is_too_long_is_not_parsed() -> None:
    with pytest.raises(BadMessage, match="at most"):
        decode_to_agent(b"1" + b"[" * MESSAGE_BYTES_MAX)
