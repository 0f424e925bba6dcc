"""Messages as bytes: one versioned format, size-capped before it is parsed (T18).

The first byte is the version; the rest is JSON. A message that is too long, of another version
or not exactly in form is refused whole, and never half understood.
"""

from typing import Final

import msgspec

from vmuster.model.messages import Hello, Reported, ToAgent, ToServer
from vmuster.model.text import bounded, visible

VERSION: Final = b"1"
MESSAGE_BYTES_MAX: Final = 8 * 1024 * 1024
"""The longest message: a host with 5,000 VMs needs about 2 MiB."""
VMS_MAX: Final = 5_000
"""VMs in one report; as many that are absent, or held, and twice as many doubts."""

_to_server = msgspec.json.Decoder(ToServer)
_to_agent = msgspec.json.Decoder(ToAgent)


class BadMessage(Exception):
    """Bytes that are no message of ours; says why."""


def encode(message: ToServer | ToAgent) -> bytes:
    """`message` as bytes."""
    return VERSION + msgspec.json.encode(message)


def decode_to_server(data: bytes) -> ToServer:
    """A message of an agent; raises `BadMessage`."""
    try:
        message = _to_server.decode(_body(data))
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise BadMessage(str(error)) from error
    return _within(message)


def decode_to_agent(data: bytes) -> ToAgent:
    """A message of a server; raises `BadMessage`."""
    try:
        return _to_agent.decode(_body(data))
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise BadMessage(str(error)) from error


def _within(message: ToServer) -> ToServer:
    """`message`, whose lists are not too long, and whose words about its host are visible."""
    match message:
        case Reported(report=report):
            for what, count, most in (
                ("VMs", len(report.vms), VMS_MAX),
                ("absent VMs", len(report.absent), VMS_MAX),
                ("held VMs", len(report.held), VMS_MAX),
                ("doubts", len(report.doubts), 2 * VMS_MAX),
            ):
                if count > most:
                    raise BadMessage(f"{count} {what}; at most {most} are taken")
            return message
        case Hello(facts=facts):
            shown = msgspec.structs.replace(
                facts,
                hypervisor=bounded(visible(facts.hypervisor)),
                version=bounded(visible(facts.version)),
                hostname=bounded(visible(facts.hostname)),
            )
            return msgspec.structs.replace(message, facts=shown)
        case _:
            return message


def _body(data: bytes) -> memoryview:
    if len(data) > MESSAGE_BYTES_MAX:
        raise BadMessage(f"{len(data)} bytes; at most {MESSAGE_BYTES_MAX} are taken")
    if data[:1] != VERSION:
        raise BadMessage("a message of another version")
    return memoryview(data)[1:]
