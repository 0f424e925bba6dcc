"""`./dev torture`: kill -9 the server, again and again, under load, over real hypervisors.

Afterwards: no acknowledged request lost, none with two effects, no effect without a request, no
stranger touched. Exit status 0 where that is so, 1 where not, 130 where it was interrupted.
"""

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Final
from uuid import UUID

from tests.torture import strangers
from tests.torture.auditor import audited
from tests.torture.history import History, read_lines
from tests.torture.load import Askers
from tests.torture.stage import HOSTS, Stage, end_as_asked, say, staged
from tests.torture.strangers import Stranger
from tests.torture.verdict import judge, tell_violations

_POLICY: Final = {
    "report_seconds": 1,
    "quiet_seconds": 0,
    "stop_grace_seconds": 3,
    "operation_seconds": 60,
}
_EAGER: Final = {"drift": "enforce", "unknown_vms": "stop-by-mark"}
"""Where automation may act: a server that misjudges its own death would do so."""
_CLUSTERS: Final[dict[str, tuple[str, dict[str, str]]]] = {
    "alpha": ("calm", {}),
    "beta": ("calm", {}),
    "gamma": ("eager", _EAGER),
}
_VMS_PER_HOST: Final = 3
_ASKERS: Final = 4
_KILLED_WHILE_STARTING: Final = 0.25
_START_SECONDS: Final = 1.0
_TOLD_EVERY_SECONDS: Final = 30.0


def main(words: list[str] | None = None) -> int:
    """Play it; see above."""
    parser = argparse.ArgumentParser(prog="./dev torture", description=__doc__)
    parser.add_argument("--cycles", type=int, default=100, help="so many kills [100]")
    parser.add_argument("--seed", type=int, default=None, help="of chance [from the clock]")
    parser.add_argument(
        "--life", type=float, default=1.5, help="longest life of a server that answers, in s [1.5]"
    )
    given = parser.parse_args(words)
    seed = time.time_ns() % 1_000_000 if given.seed is None else given.seed
    end_as_asked()
    say(f"torture: seed {seed}, {given.cycles} cycles")
    try:
        with tempfile.TemporaryDirectory(prefix="vmuster-torture-") as folder:
            return _play(Path(folder), given.cycles, seed, given.life)
    except KeyboardInterrupt:
        say("interrupted; everything that was started is taken away")
        return 130


def _play(folder: Path, cycles: int, seed: int, life: float) -> int:
    began = time.monotonic()
    with staged(folder) as stage:
        beside = _set_up(stage)
        uris = {name: host.uri for name, host in stage.hosts.items()}
        file = folder / "history.jsonl"
        with audited(uris, folder) as auditors, History(file) as history:
            set_up = time.monotonic() - began
            say(f"torture: set up in {set_up:.1f} s")
            askers = Askers(stage, list(stage.own), history, seed, _ASKERS)
            try:
                askers.start()
                figures = _kill_again_and_again(stage, cycles, random.Random(seed), life)
                askers.finish(60)
            finally:
                askers.give_up()
            tortured = time.monotonic() - began - set_up
            lines = read_lines(file)
            verdict = judge(stage, lines, auditors, beside)
            for words in askers.broken:
                say(f"VIOLATION asker: {words}")
            if not verdict.kept:
                say(f"torture: FAILED; to repeat: ./dev torture --cycles {cycles} --seed {seed}")
                tell_violations(verdict, stage, lines)
    figures |= {
        "strangers beside": len(beside),
        "requests without an answer at first": len({x.key for x in lines if x.said == "silence"}),
        **verdict.figures,
    }
    for what, count in figures.items():
        _ = sys.stdout.write(f"{count:8}  {what}\n")
    seconds = time.monotonic() - began
    _ = sys.stdout.write(
        f"{seconds:8.1f}  seconds: {set_up:.1f} to set up, {tortured / cycles:.2f} for each cycle\n"
    )
    return 0 if verdict.kept and not askers.broken else 1


def _set_up(stage: Stage) -> list[Stranger]:
    """Hosts under management, VMs of ours, and strangers beside them."""
    with stage.client() as client:
        for host, (cluster, more) in _CLUSTERS.items():
            stage.take(client, host, cluster, **_POLICY, **more)
        originals: dict[str, UUID] = {}
        for host in HOSTS:
            for number in range(_VMS_PER_HOST):
                originals[host] = stage.adopt(client, host, f"own-{host}-{number}")
    made = [(host, vm) for host in HOSTS for vm in _strangers(stage, host, originals[host])]
    return [strangers.remember(host, stage.hosts[host], vm) for host, vm in made]


def _strangers(stage: Stage, host: str, original: UUID) -> list[UUID]:
    machine = stage.hosts[host]
    match host:
        case "alpha":
            return [
                strangers.alien(machine, strangers.ALIEN),
                strangers.clone(machine, original, "copy-of-own"),
            ]
        case "beta":
            return [
                strangers.alien(machine, strangers.LOOKALIKE),
                strangers.alien(machine, "switched off", running=False),
                strangers.foreign(machine, "i-3-5-VM"),
            ]
        case _:
            return [
                strangers.alien(machine, strangers.LOOKALIKE),
                strangers.alien(machine, strangers.OTHER_CLOUDS, running=False),
                strangers.clone(machine, original, "i-2-78-VM"),
            ]


def _kill_again_and_again(
    stage: Stage, cycles: int, chance: random.Random, life: float
) -> dict[str, int]:
    """So many lives of the server, each ended by kill -9; it runs at the end."""
    while_starting, told = 0, time.monotonic()
    starts: list[float] = []
    for cycle in range(1, cycles + 1):
        if cycle > 1 and chance.random() < _KILLED_WHILE_STARTING:
            while_starting += 1
            time.sleep(chance.uniform(0.0, _START_SECONDS))
        else:
            starts.append(stage.server.until_it_answers())
            time.sleep(chance.uniform(0.0, life))
        stage.server.kill()
        stage.server.spawn()
        if time.monotonic() - told >= _TOLD_EVERY_SECONDS:
            told = time.monotonic()
            say(f"torture: {cycle} of {cycles} cycles")
    starts.append(stage.server.until_it_answers())
    mean = round(1000 * sum(starts) / len(starts))
    return {
        "kills -9": cycles,
        "of them while it started": while_starting,
        "ms from the start of a server to its first answer, on average": mean,
    }


if __name__ == "__main__":
    sys.exit(main())
