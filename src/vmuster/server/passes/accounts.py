"""What each host said last: by it an account costs what is new in it.

An account in which nothing has changed is known by its digest, and is taken in without being read,
loaded or written. It is so where the pass before was the last word about every VM; those about
which it was not are *restless* (`reconcile.rest`). Of an account that says something new, only that
is judged, and the restless (`passes.scope`). What is committed in between, by whomever, makes VMs
restless, or a whole host (`reconcile.stirring`); and once in an hour each account is judged whole
all the same.

All of it is in memory; what is settled a server that ends in good order leaves to the next one
(`passes.settling`), which knows the account by its digest alone. The moments of reports that were
known, and their numbers, are laid over the row of their host wherever it is read (`passes.store`);
the sweep writes them down now and then.
"""

import sys
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import msgspec

from vmuster.model.host import Host
from vmuster.model.ids import ClusterName, HostId, VmUuid
from vmuster.model.plan import Plan, Unrest
from vmuster.model.report import Stamp
from vmuster.model.settled import Settled
from vmuster.model.states import Completeness
from vmuster.ports.clock import Clock
from vmuster.reconcile.stirring import Stirred
from vmuster.server.passes.scope import Judged, Lines

_SETTLED_SECONDS: Final = 3600.0
"""After so long even an account that nothing has stirred is judged again."""
_WRITTEN_SECONDS: Final = 60.0
"""After so long a moment that is only remembered is written down."""


_NOBODY: Final = frozenset[VmUuid]()
"""One for all hosts: an empty set takes 200 bytes."""


@dataclass(slots=True)
class _Told:
    """Of one host: its last stamp and moment, as its row has them or later; `written_at`: the
    moment that its row has. `digest`, `lines` and `restless`: of the account that was judged last,
    at `judged_at` by the monotonic clock; no lines: one that says anything else is judged whole, as
    all are without a digest. `stirs`: how often the whole host was stirred."""

    cluster: ClusterName
    epoch: int
    sequence: int
    at: float
    written_at: float
    digest: str = ""
    lines: Lines | None = None
    restless: frozenset[VmUuid] = _NOBODY
    judged_at: float = 0.0
    stirs: int = 0


class Accounts:
    """The accounts of every host that this server hears. `_stirred`: the VMs of each that were
    stirred since the last pass over it began, where there are any. `_given`: the epochs that this
    server is writing down."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._told: dict[HostId, _Told] = {}
        self._stirred: dict[HostId, set[VmUuid]] = {}
        self._given: set[tuple[HostId, int]] = set()

    def same(self, stamp: Stamp, digest: str, *, intake: int) -> bool:
        """Whether a report of this stamp says what is known, and there is nothing more to be said
        about it; then it is taken in with this. `intake`: the number given last."""
        told = self._told.get(stamp.host)
        if told is None or not self._is_settled(stamp.host, told):
            return False
        if told.digest != digest or told.epoch != stamp.epoch:
            return False
        if stamp.sequence <= told.sequence or stamp.asked_after > intake:
            return False
        told.sequence, told.at = stamp.sequence, self._clock.now()
        return True

    def begin(self, host: HostId) -> int:
        """A pass over `host` begins, before its rows are read. What is returned is for `settle`."""
        told = self._told.get(host)
        if told is None:
            return 0
        told.restless = told.restless.union(self._stirred.pop(host, _NOBODY)) or _NOBODY
        return told.stirs

    def stirs(self, host: HostId) -> int:
        """How often the whole of `host` was stirred: as `begin` said, where it was not since."""
        told = self._told.get(host)
        return told.stirs if told is not None else 0

    def known(self, host: HostId) -> tuple[Lines, frozenset[VmUuid]] | None:
        """The account that was judged last, and the restless, for a pass that has begun; None: the
        next is judged whole."""
        told = self._told.get(host)
        if told is None or told.lines is None or self._is_old(told):
            return None
        return told.lines, told.restless

    def settle(self, judged: Judged, plan: Plan) -> None:
        """`plan`, which follows from what was `judged`, is written. A PARTIAL report says nothing
        of what the next whole one may leave out."""
        told = self._told.get(judged.report.host)
        if told is None or judged.report.completeness is not Completeness.COMPLETE:
            return
        told.digest, told.lines = "", None
        if judged.lines is None or told.stirs != judged.begun or isinstance(plan.restless, Unrest):
            return
        told.digest, told.lines = judged.report.digest, judged.lines
        told.restless = plan.restless or _NOBODY
        if judged.whole:
            told.judged_at = self._clock.monotonic()

    def stir(self, stirred: Stirred) -> None:
        """What was just written concerns all this."""
        if stirred.everything:
            self.unsettle(self._told)
            return
        for host, vm in stirred.vms:
            if host in self._told:
                self._stirred.setdefault(host, set()).add(vm)
        self.unsettle(stirred.hosts)
        if stirred.clusters:
            clusters = stirred.clusters
            self.unsettle(id_ for id_, told in self._told.items() if told.cluster in clusters)

    def unsettle(self, hosts: Iterable[HostId]) -> None:
        """What these hosts say next is judged whole."""
        for host in hosts:
            if told := self._told.get(host):
                told.digest, told.lines, told.stirs = "", None, told.stirs + 1

    def settled(self, seal: str) -> list[Settled]:
        """The accounts about which there is nothing more to be said, as they hold under `seal`."""
        moved = self._clock.now() - self._clock.monotonic()
        return [
            Settled(host=host, digest=told.digest, judged_at=told.judged_at + moved, seal=seal)
            for host, told in self._told.items()
            if self._is_settled(host, told)
        ]

    def recall(self, host: Host, settled: Settled) -> None:
        """The account of `host` was settled when it was left by another life of this server, which
        nothing was written after. One that was judged in the future is of a clock that was wrong.
        """
        age = self._clock.now() - settled.judged_at
        self.written(host)
        if 0 <= age < _SETTLED_SECONDS:
            told = self._told[host.id]
            told.digest, told.judged_at = settled.digest, self._clock.monotonic() - age

    def _is_settled(self, host: HostId, told: _Told) -> bool:
        """Whether there is nothing more to be said about the account that was judged last."""
        restless = told.restless or host in self._stirred
        return told.digest != "" and not restless and not self._is_old(told)

    def _is_old(self, told: _Told) -> bool:
        return self._clock.monotonic() - told.judged_at >= _SETTLED_SECONDS

    @contextmanager
    def writing(self, hosts: Iterable[Host]) -> Generator[None]:
        """These rows are on their way into the database. Whoever reads one before it is known to be
        written finds an epoch of ours, and of no other server."""
        given = {(host.id, host.epoch) for host in hosts if self._epoch(host.id) != host.epoch}
        self._given |= given
        try:
            yield
        finally:
            self._given -= given

    def _epoch(self, host: HostId) -> int | None:
        told = self._told.get(host)
        return told.epoch if told is not None else None

    def written(self, host: Host) -> None:
        """This is the row of a host now."""
        at, told = host.last_report_at or 0.0, self._told.get(host.id)
        cluster = ClusterName(sys.intern(host.cluster))  # one for all of its hosts
        if told is None:
            self._told[host.id] = _Told(cluster, host.epoch, host.sequence, at, at)
            return
        told.epoch, told.sequence = max((told.epoch, told.sequence), (host.epoch, host.sequence))
        told.cluster, told.written_at, told.at = cluster, at, max(at, told.at)

    def forget(self, host: HostId) -> None:
        """There is no such host any more."""
        self._told.pop(host, None)
        self._stirred.pop(host, None)

    def overlaid(self, host: Host) -> Host:
        """The row of `host`, with the moment and the number of its last report. Where another
        server has greeted it since, what it told this one is past; a row that was read before this
        one greeted it says nothing."""
        told = self._told.get(host.id)
        if told is None or (told.epoch == host.epoch and told.sequence <= host.sequence):
            return host
        if told.epoch != host.epoch:
            if host.epoch > told.epoch and (host.id, host.epoch) not in self._given:
                self.unsettle((host.id,))
            return host
        return msgspec.structs.replace(
            host, sequence=told.sequence, last_report_at=told.at, last_complete_at=told.at
        )

    def unwritten(self) -> Iterator[HostId]:
        """The hosts whose last moment was not written down for a while."""
        for host, told in self._told.items():
            if told.at - told.written_at >= _WRITTEN_SECONDS:
                yield host
