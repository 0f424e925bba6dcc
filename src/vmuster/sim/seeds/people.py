"""What people do in a random schedule: what they ask for, and what they do by hand meanwhile."""

from typing import Final

from vmuster.sim.seeds.casting import Chancy

_WHO: Final = ("anna", "bert")
_MODES: Final = ("observe", "cordoned", "maintenance", "manage", "manage", "manage", "manage")
_NEW: Final = tuple(f"new{number}" for number in range(1, 9))
"""VMs that are not there at the beginning."""
_NAMES: Final = ("web", "db", "i-2-77-VM", "i-9-99-OTHER")

REQUESTS: Final = (
    Chancy(form="{actor} stops {vm}", weight=12, words={"actor": _WHO}),
    Chancy(form="{actor} starts {vm}", weight=14, words={"actor": _WHO}),
    Chancy(form="{actor} stops {vm} by force", weight=6, words={"actor": _WHO}),
    Chancy(form="{actor} stops {vm} with a double click", weight=3, words={"actor": _WHO}),
    Chancy(form="{actor} adopts {vm}", weight=12, words={"actor": _WHO}),
    Chancy(form="{actor} adopts {vm} on {host}", weight=3, words={"actor": _WHO}),
    Chancy(form="{actor} adopts {vm}", weight=4, words={"actor": _WHO, "vm": _NEW}),
    Chancy(form="{actor} releases {vm}", weight=5, words={"actor": _WHO}),
    Chancy(form="{actor} forgets {vm}", weight=2, words={"actor": _WHO}),
    Chancy(form="{actor} forgets {vm} on {host}", weight=2, words={"actor": _WHO}),
    Chancy(form="{actor} asks for the same again", weight=5, words={"actor": _WHO}),
    Chancy(
        form="{actor} sets {host} to {mode}",
        weight=9,
        words={"actor": _WHO, "mode": _MODES},
    ),
    Chancy(
        form="{actor} disarms host {host}",
        heal="{actor} arms host {host}",
        weight=2,
        most=200,
        words={"actor": _WHO},
    ),
    Chancy(
        form="{actor} disarms the fleet",
        heal="{actor} arms the fleet",
        weight=1,
        words={"actor": _WHO},
    ),
    Chancy(form="{actor} approves what is held on {host}", weight=5, words={"actor": _WHO}),
    Chancy(form="{actor} rejects what is held on {host}", weight=2, words={"actor": _WHO}),
    Chancy(form="{actor} leaves the quarantine", weight=4, words={"actor": _WHO}),
    Chancy(form="{actor} leaves the quarantine without {host}", weight=1, words={"actor": _WHO}),
    Chancy(form="{actor} rotates the signing key", weight=1, words={"actor": _WHO}),
    Chancy(form="{actor} accepts {host} as it is", weight=2, words={"actor": _WHO}),
    Chancy(
        form="{actor} removes {host}",
        heal="{actor} adds {host}",
        weight=0.7,
        words={"actor": _WHO},
    ),
    Chancy(
        form="{actor} removes {host} and releases its VMs",
        heal="{actor} adds {host}",
        weight=0.7,
        words={"actor": _WHO},
    ),
    Chancy(
        form="{actor} removes {host} as dead and forgets its VMs",
        heal="{actor} adds {host}",
        weight=0.3,
        words={"actor": _WHO},
    ),
    Chancy(
        form="{actor} sets {setting} of {cluster} to {value}",
        weight=2,
        words={
            "actor": _WHO,
            "setting": ("drift",),
            "cluster": ("default",),
            "value": ("record", "enforce"),
        },
    ),
    Chancy(
        form="{actor} sets {setting} of {cluster} to {value}",
        weight=3,
        words={
            "actor": _WHO,
            "setting": ("unknown_vms",),
            "cluster": ("default",),
            "value": ("leave", "stop-by-mark", "stop-by-name"),
        },
    ),
    Chancy(form="{actor} rehearses a stop of {vm}", weight=1, words={"actor": _WHO}),
    Chancy(form="{actor} asks what would be done on {host}", weight=1, words={"actor": _WHO}),
    Chancy(form="{actor} asks what was done to {vm}", weight=1, words={"actor": _WHO}),
)

HANDS: Final = (
    Chancy(form="somebody starts {vm} on {host}", weight=10),
    Chancy(form="somebody stops {vm} on {host}", weight=8),
    Chancy(form="somebody pauses {vm} on {host}", heal="somebody resumes {vm} on {host}", weight=3),
    Chancy(form="somebody saves {vm} on {host}", heal="somebody starts {vm} on {host}", weight=2),
    Chancy(form="{vm} shuts itself down on {host}", weight=6),
    Chancy(form="{vm} crashes on {host}", weight=7),
    Chancy(
        form="the disk of {vm} fails on {host}", heal="somebody resumes {vm} on {host}", weight=1
    ),
    Chancy(form="somebody renames {vm} on {host} to {name}", weight=2, words={"name": _NAMES}),
    Chancy(form="somebody redefines {vm} on {host}", weight=2),
    Chancy(form="somebody undefines {vm} on {host}", weight=2),
    Chancy(form="somebody deletes {vm} on {host}", weight=1),
    Chancy(form="somebody creates {vm} on {host} and starts it", weight=3, words={"vm": _NEW}),
    Chancy(
        form="somebody creates {vm} on {host} as {name} and starts it",
        weight=3,
        words={"vm": _NEW, "name": ("i-2-3-VM", "i-2-40-VM", "r-9-VM", "s-1-VM")},
    ),
    Chancy(form="somebody clones {vm} on {host} as {copy}", weight=2, words={"copy": _NEW}),
    Chancy(
        form="somebody clones {vm} from {host} to {other} as {copy}",
        weight=2,
        words={"copy": _NEW},
    ),
    Chancy(
        form="somebody copies {vm} from {host} to {other}",
        heal="somebody deletes {vm} on {host}",
        elsewhere=True,
        weight=2,
    ),
    Chancy(
        form="somebody copies {vm} from {host} to {other} and starts it",
        heal="somebody deletes {vm} on {host}",
        elsewhere=True,
        weight=3,
    ),
    Chancy(
        form="somebody moves {vm} from {host} to {other}",
        heal="somebody moves {vm} from {host} to {other}",
        elsewhere=True,
        weight=5,
        most=200,
    ),
    Chancy(
        form="somebody moves {vm} from {host} to {other} and leaves its definition",
        heal="somebody moves {vm} from {host} to {other}",
        elsewhere=True,
        weight=3,
        most=200,
    ),
    Chancy(
        form="somebody begins to move {vm} from {host} to {other}",
        heal="{vm} from {host} has arrived on {other}",
        weight=3,
        most=60,
    ),
    Chancy(
        form="somebody begins to move {vm} from {host} to {other}",
        heal="{vm} does not arrive on {other}",
        weight=1,
        most=60,
    ),
    Chancy(form="somebody strips the mark of {vm} on {host}", weight=1),
    Chancy(form="somebody marks {vm} on {host} for another fleet", weight=0.7),
    Chancy(form="somebody forges a mark of {vm} on {host}", weight=0.7),
    Chancy(form="somebody restores an old copy of {vm} on {host}", weight=1),
    Chancy(form="somebody reverts {vm} on {host} to a snapshot", weight=1.5),
    Chancy(form="{host} reboots and its VMs start again", weight=1.5),
    Chancy(
        form="somebody installs {host} anew",
        heal="{actor} accepts {host} as it is",
        weight=0.3,
        words={"actor": _WHO},
    ),
    Chancy(
        form="somebody swaps the addresses of {host} and {other}",
        heal="somebody swaps the addresses of {host} and {other}",
        weight=0.5,
    ),
)
