"""The small model of two servers that both believe they own a host, searched to its end.

Both work on one database; either may stand still between its reading and its writing for as long
as it likes, and any message may arrive late, or never. The database issues epochs and compares
versions; the agent keeps the highest epoch that it was told. The shipped rule of freshness admits
reports and the shipped guard judges orders; how a store compares and an agent remembers is
restated here, and held to by tests of its own.
"""

from collections import deque
from collections.abc import Iterator
from functools import cache
from typing import Final

import msgspec

from vmuster.agent.guard import permit_stop
from vmuster.agent.moment import Moment
from vmuster.model.commands import StopVm
from vmuster.model.permits import LiveVm, Refusal
from vmuster.model.report import HostReport
from vmuster.model.states import Completeness, DesiredState, PowerReason, PowerState
from vmuster.reconcile import freshness
from vmuster.sim.exhaustive.intake import Intake
from vmuster.sim.exhaustive.knowledge import Known
from vmuster.sim.exhaustive.looks import Report, accounts
from vmuster.sim.exhaustive.setting import (
    HOST_ROWS,
    HOSTS,
    MARK,
    OUR_NAME,
    OURS,
    RECORD,
    SETTINGS,
)
from vmuster.sim.exhaustive.truth import ActedOn, beginning

Stamp = tuple[int, int]
"""An epoch, and a sequence within it."""

SERVERS: Final = (0, 1)
EPOCHS_MAX: Final = 2
"""One for each server."""
LOOKS_MAX: Final = 2
"""In one connection."""


class Row(msgspec.Struct, frozen=True, cache_hash=True):
    """The host, as the database has it."""

    stamp: Stamp = (0, 0)
    version: int = 0


class Working(msgspec.Struct, frozen=True, cache_hash=True):
    """What a server has read, and goes by: the host's row, and the report that it takes in."""

    row: Row
    report: Stamp


class Agent(msgspec.Struct, frozen=True, cache_hash=True):
    """The agent's connection, its looks in it, and the highest epoch that it was ever told."""

    epoch: int = 0
    looks: int = 0
    highest: int = 0


class Affairs(msgspec.Struct, frozen=True, kw_only=True, cache_hash=True, gc=False):
    """One moment. `welcomes`: epochs issued, and not heard of yet; `reports` and `orders` are on
    their way for ever, so that each may come late and again."""

    row: Row = Row()
    agent: Agent = Agent()
    working: tuple[Working | None, Working | None] = (None, None)
    welcomes: frozenset[int] = frozenset()
    reports: frozenset[Stamp] = frozenset()
    orders: frozenset[Stamp] = frozenset()


class Contest(msgspec.Struct, frozen=True, kw_only=True):
    """What the search came to. `violations`: each with the shortest path to it, in words."""

    states: int
    transitions: int
    violations: tuple[tuple[str, tuple[str, ...]], ...]
    complete: bool


Next = tuple[str, Affairs, str]
"""What happens, in words; what it leads to; and the law that it breaks, or none."""


def contest() -> Contest:
    """Visit every state of the model."""
    first = Affairs()
    came: dict[Affairs, tuple[Affairs | None, str]] = {first: (None, "")}
    waiting, transitions = deque([first]), 0
    violations: dict[str, tuple[str, ...]] = {}
    while waiting:
        now = waiting.popleft()
        for words, after, law in _moves(now):
            transitions += 1
            if law:
                violations.setdefault(law, (*_path(came, now), words))
            elif after not in came:
                came[after] = (now, words)
                waiting.append(after)
    return Contest(
        states=len(came),
        transitions=transitions,
        violations=tuple(violations.items()),
        complete=not waiting,
    )


def _path(came: dict[Affairs, tuple[Affairs | None, str]], last: Affairs) -> list[str]:
    words: list[str] = []
    at: Affairs | None = last
    while at is not None:
        at, how = came[at]
        words.append(how)
    return words[-2::-1]


def _moves(now: Affairs) -> Iterator[Next]:
    yield from _greetings(now)
    yield from _reports(now)
    yield from _orders(now)


def _greetings(now: Affairs) -> Iterator[Next]:
    """A server welcomes the agent, durably; a welcome arrives, late or not; the agent looks."""
    issued = max(now.row.stamp[0], now.agent.highest) + 1
    if issued <= EPOCHS_MAX:
        row = Row((issued, 0), now.row.version + 1)
        after = msgspec.structs.replace(now, row=row, welcomes=now.welcomes | {issued})
        yield f"a server issues epoch {issued}", after, ""
    for epoch in sorted(now.welcomes):
        highest = max(epoch, now.agent.highest)
        agent = Agent(epoch, 0, highest)
        heard = msgspec.structs.replace(now, agent=agent, welcomes=now.welcomes - {epoch})
        yield f"the agent is welcomed with epoch {epoch}", heard, ""
    agent = now.agent
    if agent.epoch and agent.looks < LOOKS_MAX:
        stamp = (agent.epoch, agent.looks + 1)
        looked = msgspec.structs.replace(
            now,
            agent=msgspec.structs.replace(agent, looks=agent.looks + 1),
            reports=now.reports | {stamp},
        )
        yield f"the agent reports {_said(stamp)}", looked, ""


def _reports(now: Affairs) -> Iterator[Next]:
    """A server reads for a report, and, any time later, decides and writes."""
    for server in SERVERS:
        working = now.working[server]
        if working is None:
            for stamp in sorted(now.reports):
                read = Working(now.row, stamp)
                after = _with(now, server, read)
                yield f"server {server + 1} reads for report {_said(stamp)}", after, ""
        else:
            yield _written(now, server, working)


def _written(now: Affairs, server: int, working: Working) -> Next:
    """The end of a pass: refused as stale, or overtaken in between, or written with an order."""
    idle, report = _with(now, server, None), working.report
    words = f"server {server + 1} takes in report {_said(report)}"
    if not admitted(working.row, report):
        return f"{words}: stale", idle, ""
    if not same_version(now.row, working.row):
        return f"{words}: somebody wrote in between", idle, ""
    row = Row(report, now.row.version + 1)
    law = ""
    if report <= now.row.stamp:
        law = "L7: an older report overwrites a newer one"
    after = msgspec.structs.replace(idle, row=row, orders=now.orders | {report})
    return f"{words}, and orders a stop by it", after, law


def _orders(now: Affairs) -> Iterator[Next]:
    """An order arrives: in its connection, in another, or a second time."""
    for stamp in sorted(now.orders):
        done = carried_out(now.agent, stamp)
        law = ""
        if done and stamp[0] != now.agent.highest:
            law = "L5: an order of an earlier owner is carried out"
        if law:
            yield f"the order by report {_said(stamp)} is carried out", now, law


def admitted(row: Row, report: Stamp) -> bool:
    """Whether a server that read `row` takes the report in, by the shipped rule."""
    host = msgspec.structs.replace(HOST_ROWS[0], epoch=row.stamp[0], sequence=row.stamp[1])
    return not freshness.refusal(host, _report(report), 0)


def same_version(now: Row, read: Row) -> bool:
    """The promise of every store: what was read must still have its version."""
    return now.version == read.version


def carried_out(agent: Agent, order: Stamp) -> bool:
    """Whether the agent does what an order of epoch `order[0]` says, by the shipped guard; one that
    was told of a later epoch by an earlier server rests no act on this one."""
    if agent.epoch < agent.highest:
        return False
    moment = Moment(
        command=_stop(order),
        live=_LIVE,
        settings=SETTINGS[0],
        epoch=agent.epoch,
        age_seconds=0.0,
        process=True,
    )
    return not isinstance(permit_stop(moment, _stop(order)), Refusal)


_LIVE: Final = LiveVm(
    uuid=OURS,
    name=OUR_NAME,
    power=PowerState.RUNNING,
    reason=PowerReason.UNKNOWN,
    mark=MARK,
    stored_mark=MARK,
    run="run",
)


def _report(stamp: Stamp) -> HostReport:
    return HostReport(
        host=HOSTS[0],
        epoch=stamp[0],
        sequence=stamp[1],
        boot_id="boot",
        completeness=Completeness.COMPLETE,
        vms=(),
    )


def _stop(stamp: Stamp) -> StopVm:
    """An order as a pass over the report `stamp` makes it."""
    return msgspec.structs.replace(_order(), epoch=stamp[0])


@cache
def _order() -> StopVm:
    """A stop that the shipped core orders: our VM runs, and a person wants it stopped."""
    account, *_ = accounts(beginning(ActedOn.OURS), 0)
    wanted = msgspec.structs.replace(RECORD, desired=DesiredState.STOPPED)
    taken = Intake().take(Known(record=wanted), 0, Report(account=account, asked_after=0))
    return next(command for command in taken.commands if isinstance(command, StopVm))


def _with(now: Affairs, server: int, working: Working | None) -> Affairs:
    both = (working, now.working[1]) if server == 0 else (now.working[0], working)
    return msgspec.structs.replace(now, working=both)


def _said(stamp: Stamp) -> str:
    return f"{stamp[0]}.{stamp[1]}"
