"""Messages as bytes: what is sent is what arrives, and anything else is refused whole."""

import contextlib
from collections.abc import Callable
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.agents import FACTS
from tests.parts import HOST, VM
from vmuster.model.ids import CommandId, HostId, VmUuid
from vmuster.model.mark import RawMark
from vmuster.model.messages import Acknowledged, Delivered, Hello, Look, Reported, Trouble
from vmuster.model.report import HostReport, digest_of
from vmuster.model.states import Completeness, PowerState
from vmuster.model.vm import VmObservation
from vmuster.model.wire import (
    MESSAGE_BYTES_MAX,
    VMS_MAX,
    BadMessage,
    decode_to_agent,
    decode_to_server,
    encode,
    hear,
    is_plain,
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
    account = msgspec.json.encode(report.account)
    return Reported(report=msgspec.structs.replace(report, digest=digest_of(account)))


def test_a_message_arrives_as_it_was_sent() -> None:
    assert decode_to_agent(encode(LOOK)) == LOOK
    assert decode_to_server(encode(TROUBLE)) == TROUBLE
    assert decode_to_server(encode(reported(2))) == reported(2)


def test_how_much_an_account_speaks_of_is_told_without_reading_it() -> None:
    report = reported(3).report
    assert is_plain(delivered(encode(Reported(report=report))))
    for more in (
        {"completeness": Completeness.PARTIAL},
        {"absent": (VM,)},
        {"held": (VM,)},
        {"doubts": ("a VM gave no answer",)},
    ):
        other = msgspec.structs.replace(report, **more)
        assert not is_plain(delivered(encode(Reported(report=other))))


@pytest.mark.parametrize(
    "account", [b"", b"[", b"{}", b"7", b"\xff", b'{"completeness":1}', b'{"completeness":"all"}']
)
def test_an_account_that_is_none_speaks_of_nothing(account: bytes) -> None:
    stamp = encode(reported(0)).split(b"\n")[0]
    assert not is_plain(delivered(stamp + b"\n" + account))


def delivered(data: bytes) -> Delivered:
    heard = hear(data)
    assert isinstance(heard, Delivered)
    return heard


def test_what_an_older_server_does_not_acknowledge_is_nothing() -> None:
    """And what there is nothing to say about is not sent."""
    data = b'2{"type":"acknowledged","epoch":1,"sequence":2,"intake":3}'
    known = Acknowledged(epoch=1, sequence=2, intake=3)
    assert (decode_to_agent(data), encode(known)) == (known, data)
    more = Acknowledged(epoch=1, sequence=2, intake=3, superseded=True, retry_after=0.5)
    assert decode_to_agent(encode(more)) == more


def test_the_largest_host_fits_into_a_message() -> None:
    data = encode(reported(VMS_MAX))
    assert len(data) <= MESSAGE_BYTES_MAX
    assert decode_to_server(data) == reported(VMS_MAX)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"2",
        b"1" + encode(TROUBLE)[1:],
        encode(TROUBLE)[1:],
        encode(TROUBLE)[:-1],
        encode(TROUBLE) + b"x",
        encode(LOOK),
        b'2{"type":"nonsense"}',
        b'2{"type":"trouble","host":"h1"}',
        b'2{"type":"trouble","host":5,"what":""}',
        b"2" + b"[" * 100_000,
        b'2{"type":"trouble","host":"\xff","what":""}',
        b"2" + b" " * MESSAGE_BYTES_MAX,
        encode(TROUBLE) + b"\n",
        encode(reported(1)).replace(b"\n", b""),
        encode(reported(1)).replace(b"\n", b"\n\n{}"),
        encode(reported(1)).partition(b"\n")[0],
        encode(reported(1))[:-1],
    ],
)
def test_anything_else_is_refused_whole(data: bytes) -> None:
    with pytest.raises(BadMessage):
        decode_to_server(data)


@given(st.binary(max_size=200).map(lambda body: b"2" + body))
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
            assert _undigested(decode(encode(message))) == _undigested(message)


def _undigested(message: object) -> object:
    """Bytes that say the same may differ, in blanks or in the order of fields."""
    if not isinstance(message, Reported):
        return message
    return Reported(report=msgspec.structs.replace(message.report, digest=""))


@pytest.mark.parametrize("decode", [decode_to_agent, decode_to_server])
def test_what_is_wrong_with_a_message_is_told(decode: Callable[[bytes], object]) -> None:
    for data, words in (
        (b'2{"type":5}', "Expected `str`"),
        (b"2{", "Input data was truncated"),
        (b"1{}", "^a message of another version$"),
        (b"2" + bytes(MESSAGE_BYTES_MAX), f"{MESSAGE_BYTES_MAX + 1} bytes; at most"),
    ):
        with pytest.raises(BadMessage, match=words):
            decode(data)


def test_the_longest_message_is_taken() -> None:
    data = encode(LOOK)
    longest = data + b" " * (MESSAGE_BYTES_MAX - len(data))
    assert decode_to_agent(longest) == LOOK
    with pytest.raises(BadMessage, match="at most"):
        decode_to_agent(longest + b" ")


def test_a_message_that_is_too_long_is_not_parsed() -> None:
    with pytest.raises(BadMessage, match="at most"):
        decode_to_agent(b"2" + b"[" * MESSAGE_BYTES_MAX)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"absent": (VM,) * 5_001}, "5001 absent VMs; at most 5000"),
        ({"held": (VM,) * 5_001}, "5001 held VMs; at most 5000"),
        ({"doubts": ("?",) * 10_001}, "10001 doubts; at most 10000"),
        ({"boot_id": "b" * 257}, "length <= 256"),
        ({"asked_after": 2**62 + 1}, "<= 4611686018427387904"),
        ({"epoch": -1}, ">= 0"),
        ({"sequence": 2**63}, "<= 4611686018427387904"),
    ],
)
def test_what_an_agent_says_of_its_vms_is_bounded(change: dict[str, object], words: str) -> None:
    report = reported(1).report
    assert decode_to_server(encode(Reported(report=report)))
    with pytest.raises(BadMessage, match=words):
        decode_to_server(encode(Reported(report=msgspec.structs.replace(report, **change))))


@pytest.mark.parametrize(
    "change",
    [
        {"epoch": -1},
        {"intake": 2**62 + 1},
        {"commands": tuple(CommandId(UUID(int=number)) for number in range(65))},
        {"facts": msgspec.structs.replace(FACTS, hostname="h" * 257)},
        {"facts": msgspec.structs.replace(FACTS, boot_id="b" * 257)},
        {"facts": msgspec.structs.replace(FACTS, version="9" * 257)},
    ],
)
def test_a_greeting_is_bounded(change: dict[str, object]) -> None:
    hello = Hello(host=HOST, facts=FACTS, epoch=2**62, intake=2**62)
    assert decode_to_server(encode(hello)) == hello
    with pytest.raises(BadMessage):
        decode_to_server(encode(msgspec.structs.replace(hello, **change)))


def test_what_a_host_calls_itself_is_made_visible_and_stays_bounded() -> None:
    facts = msgspec.structs.replace(FACTS, hostname="a\x1b[2J", version="\x07" * 256)
    said = decode_to_server(encode(Hello(host=HOST, facts=facts)))
    assert isinstance(said, Hello)
    assert said.facts.hostname == "a\\x1b[2J"
    assert said.facts.version.startswith("\\x07")
    assert len(said.facts.version) == 256
