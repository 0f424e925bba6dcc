"""Permits: what the agent's guard gives for one act on one live VM; no driver acts without.

Made by `agent/guard.py` alone (a test reads the source for it). A `Refusal` is a value, not an
error: refusing is the normal outcome of any doubt.
"""

import msgspec

from vmuster.model.ids import VmUuid
from vmuster.model.mark import RawMark
from vmuster.model.states import PowerReason, PowerState, StopMethod


class LiveVm(msgspec.Struct, frozen=True, kw_only=True):
    """A VM as it is at this very moment, read in the same call as the act.

    `mark` is the live mark of an active VM, the config's of an inactive one; `stored_mark` is the
    config's (None for a transient VM). `run` tells this run of an active VM from every other;
    empty while it is not active. `saved`: its memory lies on disk; `transient`: it has no config.
    In both cases a mark can't be written in both places.
    """

    uuid: VmUuid
    name: str
    power: PowerState
    reason: PowerReason
    mark: RawMark | None
    stored_mark: RawMark | None
    run: str = ""
    saved: bool = False
    transient: bool = False


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why an act is not done, in words."""

    reason: str


class StopPermit(msgspec.Struct, frozen=True, kw_only=True):
    vm: VmUuid
    method: StopMethod


class StartPermit(msgspec.Struct, frozen=True, kw_only=True):
    vm: VmUuid


class MarkPermit(msgspec.Struct, frozen=True, kw_only=True):
    vm: VmUuid
    mark: RawMark


class UnmarkPermit(msgspec.Struct, frozen=True, kw_only=True):
    vm: VmUuid
