"""`./dev hands`: random hands on real hosts while a server runs; then they rest, and it must agree.

Exit status 0 where records and hosts agree at the end, no stranger was touched by us, and no VM
that ran throughout was ever shown otherwise; 1 where not; 130 where it was interrupted.
"""

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from tests.torture import strangers
from tests.torture.acts import Hands
from tests.torture.agreement import disagreements, what_is_there
from tests.torture.stage import HOSTS, Stage, end_as_asked, say, staged
from vmuster.client.rest import Client

_REPORT_SECONDS: Final = 2.0
_POLICY: Final[dict[str, Any]] = {
    "report_seconds": _REPORT_SECONDS,
    "quiet_seconds": 0,
    "operation_seconds": 30,
    "steady_seconds": 2,
}
_CLUSTERS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "alpha": ("recording", {"drift": "record"}),
    "beta": ("recording", {"drift": "record"}),
    "gamma": ("healing", {"restart": "on-crash", "restart_backoff_seconds": 1}),
}
_TOUCHED_PER_HOST: Final = 3
_RECONNECT_SECONDS: Final = 26.0
"""A call that hangs is waited for 15 s, and the next try to connect comes within 10 s."""
_AGREE_SECONDS: Final = _RECONNECT_SECONDS + 2 * _REPORT_SECONDS
_PAUSE_SECONDS: Final = 0.3
_TOLD_EVERY_SECONDS: Final = 30.0


def main(words: list[str] | None = None) -> int:
    """Play it; see above."""
    parser = argparse.ArgumentParser(prog="./dev hands", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0, help="how long they act [5]")
    parser.add_argument("--seed", type=int, default=None, help="of chance [from the clock]")
    given = parser.parse_args(words)
    seed = time.time_ns() % 1_000_000 if given.seed is None else given.seed
    end_as_asked()
    say(f"hands: seed {seed}, {given.minutes:g} minutes")
    try:
        with (
            tempfile.TemporaryDirectory(prefix="vmuster-hands-") as folder,
            staged(Path(folder)) as stage,
        ):
            return _play(stage, given.minutes * 60, seed)
    except KeyboardInterrupt:
        say("interrupted; everything that was started is taken away")
        return 130


def _play(stage: Stage, seconds: float, seed: int) -> int:
    with stage.client() as client:
        touched, steady = _set_up(stage, client)
        hands = Hands(stage, random.Random(seed), touched)
        hands.strangers.update(_strangers(stage, next(iter(touched))))
        say("hands: set up")
        violations, looks = _act(hands, client, steady, seconds)
        hands.rest()
        apart, agreed = _until_agreed(stage, client)
        if not apart:
            time.sleep(2 * _REPORT_SECONDS)
            apart, _ = _until_agreed(stage, client, seconds=0)
        violations += apart + _touched_by_us(stage, client, hands)
        figures: dict[str, float] = {
            "acts by hand": sum(hands.done.values()),
            "acts that the hypervisor refused": sum(hands.refused.values()),
            "looks at the VMs that nobody touches": looks,
            "automatic starts": _commands(client, stage.own, "start_vm"),
            "strangers at the end": len(hands.strangers),
            "seconds until all agreed": round(agreed, 1),
            "records apart from their hosts": len(apart),
            "strangers touched by us": len(_touched_by_us(stage, client, hands)),
            "violations": len(violations),
        }
        for what, count in figures.items():
            _ = sys.stdout.write(f"{count:8}  {what}\n")
        for what, count in sorted(hands.done.items()):
            _ = sys.stdout.write(f"{count:8}  times: {what}\n")
        if violations:
            say(f"hands: FAILED; to repeat: ./dev hands --minutes {seconds / 60:g} --seed {seed}")
            _tell(client, violations)
        return 1 if violations else 0


def _set_up(stage: Stage, client: Client) -> tuple[set[UUID], set[UUID]]:
    """VMs of ours that hands may touch, and such that nobody touches; all of them run."""
    for host, (cluster, more) in _CLUSTERS.items():
        stage.take(client, host, cluster, **_POLICY, **more)
    touched: set[UUID] = set()
    steady: set[UUID] = set()
    for host in HOSTS:
        for number in range(_TOUCHED_PER_HOST):
            touched.add(stage.adopt(client, host, f"own-{host}-{number}"))
        steady.add(stage.adopt(client, host, f"steady-{host}"))
    for vm, host in stage.own.items():
        _ = stage.hosts[host].hand.lookupByUUID(vm.bytes).create()
    for vm in steady:
        stage.until_shown(client, vm, "running")
    return touched, steady


def _strangers(stage: Stage, original: UUID) -> dict[UUID, bool]:
    """One of each kind, running."""
    alpha, beta, gamma = (stage.hosts[host] for host in HOSTS)
    home = stage.hosts[stage.own[original]]
    made = [
        strangers.alien(alpha, strangers.ALIEN),
        strangers.alien(beta, strangers.LOOKALIKE),
        strangers.foreign(gamma, "i-3-5-VM"),
        strangers.clone(home, original, "copy-of-own"),
    ]
    return dict.fromkeys(made, True)


def _act(hands: Hands, client: Client, steady: set[UUID], seconds: float) -> tuple[list[str], int]:
    """Let the hands act; what was shown wrong meanwhile of the VMs that run throughout."""
    violations: list[str] = []
    looks, began = 0, time.monotonic()
    told = began
    while time.monotonic() < began + seconds:
        hands.act()
        for view in client.vms():
            if UUID(view["uuid"]) in steady and view["phase"] is not None:
                looks += 1
                if (view["phase"], view["power"]) != ("running", "running"):
                    violations.append(
                        f"{view['uuid']} ran, and was shown {view['phase']}, {view['power']}:"
                        f" {view['why']}"
                    )
        time.sleep(_PAUSE_SECONDS)
        if time.monotonic() - told >= _TOLD_EVERY_SECONDS:
            told = time.monotonic()
            say(f"hands: {told - began:.0f} of {seconds:.0f} s, {sum(hands.done.values())} acts")
    return violations, looks


def _until_agreed(
    stage: Stage, client: Client, *, seconds: float = _AGREE_SECONDS
) -> tuple[list[str], float]:
    """What is apart in the end, at most `seconds` from now, and the seconds until all agreed."""
    began = time.monotonic()
    while True:
        there = what_is_there(stage.hosts)
        apart = disagreements(there, client.vms(), set(stage.own))
        passed = time.monotonic() - began
        if not apart or passed > seconds:
            return apart, passed
        time.sleep(0.2)


def _touched_by_us(stage: Stage, client: Client, hands: Hands) -> list[str]:
    """Strangers that a command of ours names, or that are not as hands left them; and stops."""
    there = what_is_there(stage.hosts)
    running = {vm for (_, vm), truth in there.items() if truth.runs}
    found = [
        f"{vm} is a stranger, and a command names it"
        for vm in hands.strangers
        if client.explanation(str(vm))["commands"]
    ]
    found.extend(
        f"{vm} is a stranger, and not as hands left it (running: {runs})"
        for vm, runs in hands.strangers.items()
        if (vm in running) is not runs
    )
    if stops := _commands(client, stage.own, "stop_vm"):
        found.append(f"{stops} stops were sent that nobody asked for")
    return found


def _commands(client: Client, vms: dict[UUID, str], kind: str) -> int:
    """How many commands of this kind there ever were about these VMs."""
    return sum(
        sent["command"]["command"] == kind
        for vm in vms
        for sent in client.explanation(str(vm), limit=1000)["commands"]
    )


def _tell(client: Client, violations: list[str]) -> None:
    """Print each violation, and the journal of the VM that it begins with."""
    for words in violations:
        say(f"VIOLATION {words}")
    for vm in sorted({words.split()[0] for words in violations}):
        say(f"--- {vm}, as the journal has it, newest first")
        for entry in client.journal(vm=vm, limit=40) if "-" in vm else []:
            say(f"{entry['at']:.3f} {entry['kind']} {entry['actor']}: {entry['what']}")


if __name__ == "__main__":
    sys.exit(main())
