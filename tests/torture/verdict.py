"""The end of a torture: everything that is known is brought together and judged."""

import json
import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID, uuid4

import libvirt  # pyright: ignore[reportMissingTypeStubs]
import msgspec

from tests.torture import checker, strangers
from tests.torture.auditor import Auditor, Event
from tests.torture.checker import Request
from tests.torture.history import Line
from tests.torture.stage import Stage, until
from tests.torture.strangers import Stranger
from vmuster.client.errors import ClientError
from vmuster.client.rest import Client

_SETTLE_SECONDS: Final = 90.0
_JOURNAL_LINES: Final = 60


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What was found. Each violation stands with its VM, "" where it is of none."""

    lost: list[tuple[str, str]]
    doubled: list[tuple[str, str]]
    untrue: list[tuple[str, str]]
    touched: list[str]
    apart: list[tuple[str, str]]
    requests: list[Request]
    events: list[Event]

    @property
    def kept(self) -> bool:
        """Whether every promise was kept."""
        return not (self.lost or self.doubled or self.untrue or self.touched or self.apart)

    @property
    def figures(self) -> dict[str, int]:
        """What was counted."""
        states = Counter(r.state for r in self.requests if r.acknowledged)
        effects = Counter(event.what for event in self.events)
        return {
            "requests acknowledged": sum(1 for r in self.requests if r.acknowledged),
            "requests refused": sum(1 for r in self.requests if r.refused),
            "requests done": states["done"],
            "requests failed": states["failed"],
            "starts on hypervisors": effects["started"],
            "stops on hypervisors": effects["stopped"],
            "acknowledged requests lost": len(self.lost),
            "effects doubled or unasked": len(self.doubled),
            "untrue answers": len(self.untrue),
            "records apart from their hosts": len(self.apart),
            "strangers touched": len(self.touched),
        }


def judge(
    stage: Stage, lines: list[Line], auditors: dict[str, Auditor], beside: Sequence[Stranger]
) -> Verdict:
    """Wait until everything is settled, and judge."""
    with stage.client() as client:
        asked = [with_operation(client, request) for request in checker.requests_of(lines)]
        apart = until_together(stage, client)
    known = mark_moment(stage, auditors)
    events = [event for auditor in auditors.values() for event in auditor.events()]
    own = [str(vm) for vm in stage.own]
    ours = [event for event in events if event.vm in own]
    return Verdict(
        lost=checker.lost(asked),
        doubled=checker.unexplained(asked, ours),
        untrue=checker.untrue(asked, ours),
        touched=checker.touched(events, own, known) + strangers.changed(list(beside), stage.hosts),
        apart=apart,
        requests=asked,
        events=ours,
    )


def with_operation(client: Client, request: Request) -> Request:
    """The request with the end of its operation; without one where the API knows of none."""
    if not request.acknowledged:
        return request
    try:
        operation = client.operation(request.acknowledged[0], wait_seconds=30)
    except ClientError as error:
        if error.status != 404:
            raise
        return request
    return msgspec.structs.replace(request, operation=operation)


def until_together(stage: Stage, client: Client) -> list[tuple[str, str]]:
    """Wait until records and hosts agree on every VM of ours; where they never do, on which."""

    def together() -> bool:
        return not _apart(stage, client)

    try:
        _ = until(together, "records and hosts agree", _SETTLE_SECONDS)
    except TimeoutError:
        return _apart(stage, client)
    return []


def _apart(stage: Stage, client: Client) -> list[tuple[str, str]]:
    views = {(vm["host"], vm["uuid"]): vm for vm in client.vms()}
    found: list[tuple[str, str]] = []
    for vm, host in stage.own.items():
        runs = bool(stage.hosts[host].hand.lookupByUUID(vm.bytes).isActive())
        truth = "running" if runs else "stopped"
        shown = views.get((host, str(vm)), {})
        if {shown.get(field) for field in ("power", "phase", "desired")} != {truth}:
            said = {key: shown.get(key) for key in ("power", "phase", "desired", "why")}
            found.append((str(vm), f"it is {truth}, and recorded as {said}"))
    return found


def mark_moment(stage: Stage, auditors: dict[str, Auditor]) -> list[str]:
    """Wait until each auditor has heard all that happened: it hears of a VM made for this."""
    name = f"the-end-{uuid4()}"
    for host, auditor in auditors.items():
        domain = stage.hosts[host].define(name, UUID(bytes=uuid4().bytes))
        _ = domain.undefine()
        until(
            lambda heard=auditor: any(
                e.name == name and e.what == "undefined" for e in heard.events()
            ),
            f"the auditor of {host} hears",
        )
    return [name]


def tell_violations(verdict: Verdict, stage: Stage, lines: list[Line]) -> None:
    """Print each violation, and for each VM concerned all that is known of it, on stderr."""
    found = [*verdict.lost, *verdict.doubled, *verdict.untrue, *verdict.apart]
    for words in verdict.touched:
        _out(f"VIOLATION strangers: {words}")
    for vm, words in found:
        _out(f"VIOLATION {vm}: {words}")
    with stage.client() as client:
        for vm in sorted({vm for vm, _ in found}):
            _tell_of(client, vm, verdict, lines)


def _tell_of(client: Client, vm: str, verdict: Verdict, lines: list[Line]) -> None:
    _out(f"--- {vm}, as it was asked and as it happened")
    story: list[tuple[float, str]] = [
        *((x.at, _json(msgspec.to_builtins(x))) for x in lines if x.vm == vm),
        *((e.at, _json(msgspec.to_builtins(e))) for e in verdict.events if e.vm == vm),
        *(
            (checker.ended_at(r.operation) or 0.0, f"ended: {_json(r.operation)}")
            for r in verdict.requests
            if r.vm == vm and r.operation is not None
        ),
    ]
    for at, words in sorted(story):
        _out(f"{at:.3f} {words}")
    _out(f"--- {vm}, as the journal has it, newest first")
    try:
        entries = client.journal(vm=vm, limit=_JOURNAL_LINES)
    except (ClientError, libvirt.libvirtError) as error:
        _out(f"no journal: {error}")
        return
    for entry in entries:
        _out(_json({key: entry[key] for key in ("at", "kind", "actor", "what", "command")}))


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _out(words: str) -> None:
    _ = sys.stderr.write(f"{words}\n")
