"""What of an account must be judged: the VMs of which it says something new, and the restless.

Of the account that was judged last, each VM's uuid is kept with a hash of what was said of it: 24
bytes. The next account is cut into its VMs, unread; those whose bytes are known, and which nobody
need judge again, are as before. The hash is this process's own and keyed: who chooses names can't
choose two that are taken for one.
"""

import struct
from collections.abc import Collection, Mapping
from typing import Final
from uuid import UUID

import msgspec

from vmuster.model.ids import VmUuid
from vmuster.model.messages import Delivered
from vmuster.model.report import Account, HostReport, report_of
from vmuster.model.states import Completeness
from vmuster.model.vm import VmObservation
from vmuster.model.wire import VMS_MAX, BadMessage, read

_LINE: Final = struct.Struct("=16sq")
_NOTHING: Final = b"[]"


class _Cut(msgspec.Struct, frozen=True, kw_only=True):
    """An account cut into its parts, as bytes."""

    boot_id: str
    completeness: Completeness
    vms: tuple[msgspec.Raw, ...]
    absent: msgspec.Raw = msgspec.Raw(_NOTHING)
    held: msgspec.Raw = msgspec.Raw(_NOTHING)
    doubts: msgspec.Raw = msgspec.Raw(_NOTHING)


class _Named(msgspec.Struct, frozen=True, kw_only=True):
    """As much of a VM's line as says whose it is."""

    uuid: VmUuid


_cut: Final = msgspec.json.Decoder(_Cut)
_named: Final = msgspec.json.Decoder(_Named)
_vm: Final = msgspec.json.Decoder(VmObservation)


class Lines(msgspec.Struct, frozen=True, kw_only=True):
    """An account as it is remembered. `packed`: of each VM the uuid, and the hash of what is said
    of it."""

    boot_id: str
    packed: bytes

    def __len__(self) -> int:
        return len(self.packed) // _LINE.size


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """What of an account must be judged. `vms`: as it shows them; `vanished`: VMs that it showed
    before; `others`: how many more it shows, all as before; `lines`: the whole of it."""

    vms: tuple[VmObservation, ...]
    vanished: tuple[VmUuid, ...]
    others: int
    lines: Lines


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """What a pass is given of a report: all of it, or (not `whole`) its scope, with `others` more
    VMs that it shows as before. `vanished`: VMs about which it is also to know; `lines`: its
    account, where that is to be remembered; `begun`: see `Accounts.begin`."""

    report: HostReport
    vanished: tuple[VmUuid, ...] = ()
    others: int = 0
    lines: Lines | None = None
    whole: bool = True
    begun: int = 0


def judged(
    delivered: Delivered, known: tuple[Lines, Collection[VmUuid]] | None, begun: int
) -> Judged:
    """What of a report is to be judged. `known`: the account that was judged last, and the
    restless. Raises `BadMessage`."""
    try:
        scope = scope_of(delivered.account, *known) if known is not None else None
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise BadMessage(str(error)) from error
    if scope is None:
        report = read(delivered)
        return Judged(report=report, lines=lines_of(delivered.account), begun=begun)
    account = Account(
        boot_id=scope.lines.boot_id, completeness=Completeness.COMPLETE, vms=scope.vms
    )
    return Judged(
        report=report_of(delivered.stamp, account, delivered.digest),
        vanished=scope.vanished,
        others=scope.others,
        lines=scope.lines,
        whole=False,
        begun=begun,
    )


def lines_of(account: memoryview) -> Lines | None:
    """A sound account, to be remembered; None where that is of no use, since it is not whole."""
    cut = _cut.decode(account)
    if not _is_whole(cut):
        return None
    return _packed(cut, {line: _named.decode(raw).uuid.bytes for line, raw in _raws(cut).items()})


def scope_of(account: memoryview, before: Lines, restless: Collection[VmUuid]) -> Scope | None:
    """What of `account` must be judged where `before` was judged last; None: all of it. Raises
    `msgspec.MsgspecError` where it is no account."""
    cut = _cut.decode(account)
    if not _is_whole(cut) or len(cut.vms) > VMS_MAX or cut.boot_id != before.boot_id:
        return None
    raws, again = _raws(cut), {uuid.bytes for uuid in restless}
    lines = {line: uuid for uuid, line in _LINE.iter_unpack(before.packed)}
    lost = {lines.pop(line) for line in lines.keys() - raws.keys()}
    judged = (raws.keys() - lines.keys()).union(
        line for line, uuid in lines.items() if uuid in again
    )
    vms = {line: _vm.decode(raw) for line, raw in raws.items() if line in judged}
    lines.update((line, vm.uuid.bytes) for line, vm in vms.items())
    shown = set(lines.values())
    if len(shown) < len(cut.vms):
        return None  # a VM twice: that is refused whole, in words
    vanished = sorted(lost.union(again) - shown)
    return Scope(
        vms=tuple(vms.values()),
        vanished=tuple(VmUuid(UUID(bytes=uuid)) for uuid in vanished),
        others=len(cut.vms) - len(vms),
        lines=_packed(cut, lines),
    )


def _is_whole(cut: _Cut) -> bool:
    """Whether it says nothing but its VMs."""
    complete = cut.completeness is Completeness.COMPLETE
    return complete and all(bytes(each) == _NOTHING for each in (cut.absent, cut.held, cut.doubts))


def _packed(cut: _Cut, lines: Mapping[int, bytes]) -> Lines:
    packed = b"".join(map(_LINE.pack, lines.values(), lines))
    return Lines(boot_id=cut.boot_id, packed=packed)


def _raws(cut: _Cut) -> dict[int, msgspec.Raw]:
    """What is said of each VM, by its hash."""
    return {hash(bytes(raw)): raw for raw in cut.vms}
