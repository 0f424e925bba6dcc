"""Accounts of hosts as the bytes that an agent sends: made, stamped anew, changed.

All that the benches know of the wire stands here.
"""

from collections.abc import Collection
from typing import Final

import msgspec

from vmuster.model.ids import HostId, VmUuid
from vmuster.model.messages import Reported
from vmuster.model.report import Account, HostReport, Stamp, report_of
from vmuster.model.states import Completeness, PowerReason, PowerState
from vmuster.model.vm import VmObservation
from vmuster.model.wire import VERSION, decode_to_server, encode

BOOT: Final = "bench-boot"
_NEWLINE: Final = b"\n"
"""Between the stamp of a report and its account."""
_OTHER: Final = {PowerState.RUNNING: PowerState.STOPPED, PowerState.STOPPED: PowerState.RUNNING}


def whole(host: HostId, epoch: int, vms: tuple[VmObservation, ...], sequence: int = 1) -> bytes:
    """The COMPLETE report that names exactly these VMs."""
    return _made(Stamp(host=host, epoch=epoch, sequence=sequence), Completeness.COMPLETE, vms)


def event(host: HostId, epoch: int, sequence: int, vm: VmObservation) -> bytes:
    """The PARTIAL report that a change of one VM brings."""
    return _made(Stamp(host=host, epoch=epoch, sequence=sequence), Completeness.PARTIAL, (vm,))


def later(host: HostId, message: bytes, sequence: int, epoch: int = 1) -> bytes:
    """The same account of `host`, given later; in another `epoch`, after another greeting."""
    stamp = msgspec.json.encode(Stamp(host=host, epoch=epoch, sequence=sequence))
    return b"".join((VERSION, stamp, _NEWLINE, body(message)))


def changed(message: bytes, sequence: int, vms: Collection[VmUuid]) -> bytes:
    """A later account, in which `vms` run where they were stopped, and the other way round."""
    report = report_in(message)
    seen = tuple(turned(vm) if vm.uuid in vms else vm for vm in report.vms)
    return _encoded(msgspec.structs.replace(report, sequence=sequence, vms=seen))


def turned(vm: VmObservation) -> VmObservation:
    """`vm`, started or stopped by a hand that is not ours."""
    return msgspec.structs.replace(vm, power=_OTHER[vm.power], reason=PowerReason.HAND)


def report_in(message: bytes) -> HostReport:
    """The report that a message brings."""
    match decode_to_server(message):
        case Reported(report=report):
            return report
        case _:
            raise ValueError("this message brings no report")


def body(message: bytes) -> bytes:
    """The part of a message that says the same for as long as a host is unchanged."""
    return message[message.index(_NEWLINE) + 1 :]


def vms_in(message: bytes) -> bytes:
    """Only its VMs, as JSON: what a bare loop decodes."""
    return msgspec.json.encode(report_in(message).vms)


def _made(stamp: Stamp, completeness: Completeness, vms: tuple[VmObservation, ...]) -> bytes:
    account = Account(boot_id=BOOT, completeness=completeness, vms=vms)
    return _encoded(report_of(stamp, account, ""))


def _encoded(report: HostReport) -> bytes:
    return encode(Reported(report=report))
