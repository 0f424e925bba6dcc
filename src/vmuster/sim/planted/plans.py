"""Events in a row that come together too seldom by chance alone: what shows a bug."""

from collections.abc import Callable, Iterator
from typing import Final

from vmuster.sim.engine.chance import Chance
from vmuster.sim.seeds.casting import Cast, step
from vmuster.sim.verbs.verb import Step

Plan = Callable[[Cast, Chance, float], Iterator[Step]]
"""What happens, from this moment on."""


def _somebody(cast: Cast, chance: Chance) -> dict[str, str]:
    """A VM, its host and another one; somebody asks."""
    vm = chance.one_of(tuple(cast.vms))
    others = [host for host in cast.hosts if host != cast.vms[vm]]
    drawn = {"actor": "bert", "vm": vm, "host": cast.vms[vm], "other": chance.one_of(others)}
    return drawn | {"copy": f"copy-of-{vm}"}


def in_a_row(*events: tuple[float, str, str]) -> Plan:
    """These events about one VM, each so many seconds after the beginning. Of each is said which of
    its places are filled otherwise: "host=other vm=copy"."""

    def plan(cast: Cast, chance: Chance, at: float) -> Iterator[Step]:
        words = _somebody(cast, chance)
        for after, form, otherwise in events:
            pairs = (pair.partition("=") for pair in otherwise.split())
            other = {place: words[word] for place, _, word in pairs}
            yield step(form, at + after, words | other)

    return plan


def spoilt(cast: Cast, chance: Chance, at: float) -> Iterator[Step]:
    """A mark is spoilt, and then somebody wants the VM to be otherwise."""
    words = _somebody(cast, chance)
    yield step(chance.one_of(_SPOILERS), at, words)
    yield step(chance.one_of(_WISHES), at + 25, words)
    yield step("{actor} adopts {vm}", at + 60, words)


_WISHES: Final = ("{actor} stops {vm} by force", "{actor} starts {vm}")
_SPOILERS: Final = (
    "somebody forges a mark of {vm} on {host}",
    "somebody marks {vm} on {host} for another fleet",
)


def stopped_everywhere(cast: Cast, _chance: Chance, at: float) -> Iterator[Step]:
    """Somebody stops one VM after another, on every host."""
    for number, (vm, host) in enumerate(cast.vms.items()):
        yield step("somebody stops {vm} on {host}", at + 0.05 * number, {"vm": vm, "host": host})


def half_dark(cast: Cast, chance: Chance, at: float) -> Iterator[Step]:
    """Three hosts go dark for long, and VMs on the others are stopped meanwhile."""
    dark = chance.some_of(cast.hosts, 3)
    for host in dark:
        yield step("{host} loses power", at, {"host": host})
        yield step("{host} is powered on", at + 260.0, {"host": host})
    for vm, host in cast.vms.items():
        if host not in dark:
            later = at + chance.between(140.0, 255.0)
            yield step("somebody stops {vm} on {host}", later, {"vm": vm, "host": host})


def approved(cast: Cast, chance: Chance, at: float) -> Iterator[Step]:
    """Plans are held, and somebody approves what is held; some of it can be done only later."""
    yield from stopped_everywhere(cast, chance, at)
    for host in cast.hosts:
        yield step(
            "{actor} approves what is held on {host}", at + 25, {"actor": "bert", "host": host}
        )
        yield step("{actor} disarms host {host}", at + 25.5, {"actor": "bert", "host": host})
        yield step("{actor} arms host {host}", at + 100, {"actor": "bert", "host": host})


def set_back(cast: Cast, chance: Chance, at: float) -> Iterator[Step]:
    """Between two rounds of stops the clock of the server is set back."""
    yield from stopped_everywhere(cast, chance, at)
    yield step("the clock of the server jumps by {number}s", at + 60, {"number": "-3600"})
    yield from stopped_everywhere(cast, chance, at + 100)
    yield step("the clock of the server is right again", at + 160, {})


def installed(cast: Cast, chance: Chance, at: float) -> Iterator[Step]:
    """A host is installed anew, and some time later a person accepts it."""
    words = {"host": chance.one_of(cast.hosts), "actor": "bert"}
    yield step("somebody installs {host} anew", at, words)
    yield step("{actor} accepts {host} as it is", at + 90, words)


def dying(cast: Cast, chance: Chance, at: float) -> Iterator[Step]:
    """An agent dies while a guest that it asked to shut down has its grace."""
    words = _somebody(cast, chance)
    yield step("{actor} stops {vm}", at, words)
    far = words["host"] in cast.far
    death = "the agent of {host} is killed" if far else "the server is restarted"
    yield step(death, at + chance.between(2.0, 6.0), words)


def while_slow(cast: Cast, chance: Chance, at: float) -> Iterator[Step]:
    """Much is asked for while each commit takes seconds."""
    yield step("the database is {number} times slower", at, {"number": "600"})
    for number in range(6):
        yield step("{actor} stops {vm}", at + 2.0 * number, _somebody(cast, chance))
    yield step("the database is fast again", at + 40, {})


def stopped_while_slow(cast: Cast, chance: Chance, at: float) -> Iterator[Step]:
    """Somebody stops two VMs of each host while each commit takes seconds: what is said of them is
    written together."""
    yield step("the database is {number} times slower", at, {"number": "600"})
    for host in cast.hosts:
        there = tuple(vm for vm, home in cast.vms.items() if home == host)
        for vm in chance.some_of(there, min(2, len(there))):
            yield step("somebody stops {vm} on {host}", at + 1, {"vm": vm, "host": host})
    yield step("the database is fast again", at + 60, {})


def another_policy(cast: Cast, chance: Chance, at: float) -> Iterator[Step]:
    """A VM crashes where nothing follows from that, and some passes later it would."""
    words = _somebody(cast, chance)
    policy = words | {"setting": "restart", "cluster": "default"}
    form = "{actor} sets {setting} of {cluster} to {value}"
    yield step(form, at, policy | {"value": "never"})
    yield step("{vm} crashes on {host}", at + 10, words)
    yield step(form, at + 40, policy | {"value": "always"})


def namesake(cast: Cast, chance: Chance, at: float) -> Iterator[Step]:
    """A VM is renamed, and another one on its host has its name for a while."""
    words = _somebody(cast, chance)
    first = words | {"name": words["vm"]}
    other = first | {"vm": words["copy"]}
    renamed = words | {"name": f"was-{words['vm']}"}
    yield step("somebody stops {vm} on {host}", at, words)
    yield step("somebody renames {vm} on {host} to {name}", at + 1, renamed)
    yield step("somebody starts {vm} on {host}", at + 2, words)
    yield step("somebody creates {vm} on {host} as {name} and starts it", at + 10, other)
    yield step("somebody stops {vm} on {host}", at + 20, other)
    yield step("somebody deletes {vm} on {host}", at + 80, other)
    yield step("somebody stops {vm} on {host}", at + 85, words)
    yield step("somebody renames {vm} on {host} to {name}", at + 86, first)
    yield step("somebody starts {vm} on {host}", at + 87, words)


def of_one_number(cast: Cast, chance: Chance, at: float) -> Iterator[Step]:
    """A VM whose name has a number is adopted; then another one comes whose name has it too, and is
    stopped."""
    words, number = _somebody(cast, chance), round(at)
    first = words | {"vm": f"first-{number}", "name": f"i-2-{number}-VM"}
    other = words | {"vm": f"other-{number}", "name": f"i-9-{number}-OTHER"}
    yield step("somebody creates {vm} on {host} as {name} and starts it", at, first)
    yield step("{actor} adopts {vm}", at + 15, first)
    yield step("somebody creates {vm} on {host} as {name} and starts it", at + 30, other)
    yield step("somebody stops {vm} on {host}", at + 40, other)
    yield step("somebody deletes {vm} on {host}", at + 60, other)


def older(cast: Cast, chance: Chance, at: float) -> Iterator[Step]:
    """A database is put back that is older than what the agents were told since."""
    copy = {"copy": "older"}
    yield step("the database is backed up as {copy}", at, copy)
    for number in range(1, 4):
        yield step("the server is restarted", at + 8.0 * number, {})
    yield step("{actor} adopts {vm}", at + 45, _somebody(cast, chance))
    yield step("the database is restored from {copy}", at + 60, copy)
    for number in range(6):
        yield step("{actor} stops {vm}", at + 75 + 5.0 * number, _somebody(cast, chance))
