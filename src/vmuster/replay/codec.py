"""Passes as lines of JSON, and back.

A segment of a recording begins with a line that says what it is. The first pass of a host in it is
a line that says all of it; the later ones say what has changed since the one before, so that a pass
over an unchanged host costs a line, and not a page. So a segment can be read without any other, and
whatever stands in a name is JSON, in one line.
"""

from collections import OrderedDict
from typing import Any, Final

import msgspec

from vmuster.model.errors import Corrupt, Refused
from vmuster.model.ids import HostId
from vmuster.reconcile.passed import Passed
from vmuster.replay.deltas import change, delta

VERSION: Final = 1
ROWS_MAX: Final = 50_000
"""Rows of passes that are remembered for those that come next: the passes of a host that was not
heard of for longer than others are forgotten first (L10)."""


class Header(msgspec.Struct, frozen=True, kw_only=True, tag_field="line", tag="recording"):
    """What a segment is. `vmuster`: the version that wrote it."""

    version: int
    vmuster: str


class Whole(msgspec.Struct, frozen=True, kw_only=True, tag_field="line", tag="pass"):
    """A pass with all that belongs to it."""

    passed: Any


class Changed(msgspec.Struct, frozen=True, kw_only=True, tag_field="line", tag="changes"):
    """A pass as the one before it of the same host, with these changes (`deltas`)."""

    host: HostId
    changes: list[Any]


_decoder: Final = msgspec.json.Decoder(Header | Whole | Changed)


class Encoder:
    """Writes the lines of one segment. `version`: of the vmuster that writes."""

    def __init__(self, version: str) -> None:
        self._version = version
        self._last: OrderedDict[HostId, Passed] = OrderedDict()
        self._rows = 0

    def header(self) -> bytes:
        """The first line."""
        return _line(Header(version=VERSION, vmuster=self._version))

    def line(self, passed: Passed) -> bytes:
        """The line of a pass. Raises `ValueError` where it holds what no JSON can."""
        host = passed.given.report.host
        before, whole = self._last.get(host), msgspec.to_builtins(passed)
        if before is None:
            line = _line(Whole(passed=whole))
        else:
            changes = list(delta(msgspec.to_builtins(before), whole))
            line = _line(Changed(host=host, changes=changes))
        self._remember(host, passed)
        return line

    def _remember(self, host: HostId, passed: Passed) -> None:
        before = self._last.pop(host, None)
        self._rows += rows_of(passed) - (rows_of(before) if before is not None else 0)
        self._last[host] = passed
        while self._rows > ROWS_MAX:
            _, forgotten = self._last.popitem(last=False)
            self._rows -= rows_of(forgotten)


class Decoder:
    """Reads the lines of segments, in their order. `begun`: whether there was a first line."""

    def __init__(self) -> None:
        self.begun = False
        self._last: dict[str, Any] = {}

    def passed(self, line: bytes) -> Passed | None:
        """The pass that a line says; None for the first line of a segment.

        Raises `Corrupt` where it can't be one, `Refused` where it is of another version of the
        format.
        """
        try:
            said = _decoder.decode(line)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise Corrupt(f"that is no line of a recording: {error}") from error
        if isinstance(said, Header):
            self._begin(said)
            return None
        if not self.begun:
            raise Corrupt("it does not begin as a recording does")
        return self._pass(said)

    def _begin(self, header: Header) -> None:
        if header.version != VERSION:
            raise Refused(
                f"it is a recording of version {header.version}, and this vmuster reads {VERSION}",
                hint=f"it was written by vmuster {header.vmuster}: read it with that",
            )
        self.begun = True
        self._last.clear()

    def _pass(self, said: Whole | Changed) -> Passed:
        if isinstance(said, Whole):
            whole = said.passed
        else:
            whole = self._last.get(said.host)
            if whole is None:
                raise Corrupt("it changes a pass that was never told")
            change(whole, said.changes)
        try:
            passed = msgspec.convert(whole, Passed)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise Corrupt(f"that is no pass: {error}") from error
        self._last[passed.given.report.host] = whole
        return passed


def rows_of(passed: Passed) -> int:
    """How much a pass holds: what is observed, recorded and remembered of VMs, and decided."""
    recorded = passed.given.recorded
    parts = (passed.given.report.vms, recorded.records, recorded.here, passed.decided)
    return 1 + sum(map(len, parts))


def _line(value: Header | Whole | Changed) -> bytes:
    return msgspec.json.encode(value) + b"\n"
