"""Messages as bytes: one versioned format, size-capped before it is parsed (T18).

The first byte is the version; the rest is JSON. A report comes in two parts, with a newline
between, which JSON never holds: which report it is, and its account. So whoever knows the account
by its digest need not read it. A message that is too long, of another version or not exactly in
form is refused whole, and never half understood.
"""

from typing import Final

import msgspec

from vmuster.model.messages import (
    Answered,
    Delivered,
    Heard,
    Heartbeat,
    Hello,
    Reported,
    ToAgent,
    ToServer,
    Trouble,
)
from vmuster.model.report import Account, HostReport, Stamp, digest_of, report_of
from vmuster.model.states import Completeness
from vmuster.model.text import bounded, visible

VERSION: Final = b"2"
MESSAGE_BYTES_MAX: Final = 8 * 1024 * 1024
"""The longest message: a host with 5,000 VMs needs about 2 MiB."""
VMS_MAX: Final = 5_000
"""VMs in one report; as many that are absent, or held, and twice as many doubts."""

_NEWLINE: Final = b"\n"


class _Breadth(msgspec.Struct, frozen=True):
    """Of an account, how much it speaks of beside the VMs that there are."""

    completeness: Completeness
    absent: tuple[msgspec.Raw, ...] = ()
    held: tuple[msgspec.Raw, ...] = ()
    doubts: tuple[msgspec.Raw, ...] = ()


_PLAIN: Final = _Breadth(completeness=Completeness.COMPLETE)


_heard = msgspec.json.Decoder(Hello | Stamp | Answered | Trouble | Heartbeat)
_account = msgspec.json.Decoder(Account)
_breadth = msgspec.json.Decoder(_Breadth)
_to_agent = msgspec.json.Decoder(ToAgent)
_encoder = msgspec.json.Encoder()


class BadMessage(Exception):
    """Bytes that are no message of ours; says why."""


def encode(message: ToServer | ToAgent) -> bytes:
    """`message` as bytes."""
    if isinstance(message, Reported):
        report = message.report
        parts = _encoder.encode(report.stamp), _NEWLINE, _encoder.encode(report.account)
        return VERSION + b"".join(parts)
    return VERSION + _encoder.encode(message)


def hear(data: bytes) -> Heard:
    """A message of an agent, the account of a report unread; raises `BadMessage`."""
    body = _body(data)
    end = data.find(_NEWLINE)
    try:
        message = _heard.decode(body if end < 0 else body[: end - 1])
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise BadMessage(str(error)) from error
    match message:
        case Stamp() if end < 0:
            raise BadMessage("a report without an account")
        case Stamp():
            account = body[end:]
            return Delivered(stamp=message, account=account, digest=digest_of(account))
        case _ if end >= 0:
            raise BadMessage("only a report has a second part")
        case Hello():
            return _shown(message)
        case _:
            return message


def is_plain(delivered: Delivered) -> bool:
    """Whether the account says that it is COMPLETE, and nothing more but which VMs there are; an
    account that is none says nothing."""
    try:
        return _breadth.decode(delivered.account) == _PLAIN
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return False


def read(delivered: Delivered) -> HostReport:
    """The report, its account read; raises `BadMessage`."""
    try:
        account = _account.decode(delivered.account)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise BadMessage(str(error)) from error
    for what, count, most in (
        ("VMs", len(account.vms), VMS_MAX),
        ("absent VMs", len(account.absent), VMS_MAX),
        ("held VMs", len(account.held), VMS_MAX),
        ("doubts", len(account.doubts), 2 * VMS_MAX),
    ):
        if count > most:
            raise BadMessage(f"{count} {what}; at most {most} are taken")
    return report_of(delivered.stamp, account, delivered.digest)


def decode_to_server(data: bytes) -> ToServer:
    """A message of an agent, read whole; raises `BadMessage`."""
    message = hear(data)
    return Reported(report=read(message)) if isinstance(message, Delivered) else message


def decode_to_agent(data: bytes) -> ToAgent:
    """A message of a server; raises `BadMessage`."""
    try:
        return _to_agent.decode(_body(data))
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise BadMessage(str(error)) from error


def _shown(hello: Hello) -> Hello:
    """`hello`, whose words about its host are visible."""
    facts = hello.facts
    shown = msgspec.structs.replace(
        facts,
        hypervisor=bounded(visible(facts.hypervisor)),
        version=bounded(visible(facts.version)),
        hostname=bounded(visible(facts.hostname)),
    )
    return msgspec.structs.replace(hello, facts=shown)


def _body(data: bytes) -> memoryview:
    if len(data) > MESSAGE_BYTES_MAX:
        raise BadMessage(f"{len(data)} bytes; at most {MESSAGE_BYTES_MAX} are taken")
    if data[:1] != VERSION:
        raise BadMessage("a message of another version")
    return memoryview(data)[1:]
