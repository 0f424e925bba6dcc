"""Recorded passes over valid worlds, and recordings made of them."""

import gzip
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from tests.parts import CLUSTER, grant
from tests.worlds import World, but
from vmuster.model.host import Cluster, Fleet
from vmuster.model.ids import HostId
from vmuster.model.states import HostHealth
from vmuster.reconcile.breaker import Counted
from vmuster.reconcile.idle import Calm, Conditions
from vmuster.reconcile.passed import Given, Passed, again, passed
from vmuster.replay.codec import Encoder

FAIR: Final = Conditions(
    counted=Counted(cluster_lost=0, cluster_known=3, fleet_lost=0, fleet_known=5),
    calm=Calm(seconds=10_000.0, jumped_seconds=-1.0),
)
"""All hosts are up, and there is calm."""


def given(world: World, conditions: Conditions = FAIR) -> Given:
    """What a pass over `world` went by, on a host that is UP."""
    mark = grant()
    up = msgspec.structs.replace(world.host, health=HostHealth.UP, well_since=0.0)
    return Given(
        at=world.now,
        report=world.report,
        recorded=but(world, host=up).recorded,
        fleet=Fleet(
            id=mark.fleet,
            instance="VM",
            created_at=0.0,
            key=mark.key,
            public_keys={str(mark.key): b"k" * 32},
            policy=world.fleet_policy,
        ),
        cluster=Cluster(name=CLUSTER, policy=world.policy, created_at=0.0, grant=world.grant),
        conditions=conditions,
    )


def pass_over(world: World, *, host: str = "", at: float | None = None) -> Passed:
    """The pass over `world` as it was; where it is said, on another host, or at another moment."""
    made = passed(given(world), again(given(world)))
    if at is not None:
        made = msgspec.structs.replace(made, given=msgspec.structs.replace(made.given, at=at))
    if host:
        report = msgspec.structs.replace(made.given.report, host=HostId(host))
        made = msgspec.structs.replace(
            made, given=msgspec.structs.replace(made.given, report=report)
        )
    return made


def lines_of(passes: Iterable[Passed]) -> bytes:
    """A recording of these passes, in one segment, as it reads."""
    encoder = Encoder("1.2.3")
    return encoder.header() + b"".join(map(encoder.line, passes))


def recording(file: Path, passes: Iterable[Passed]) -> Path:
    """A file with a recording of these passes."""
    file.write_bytes(gzip.compress(lines_of(passes)))
    return file
