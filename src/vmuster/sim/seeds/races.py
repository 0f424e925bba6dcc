"""Things that happen to one VM within moments of each other, as chance alone hardly ever has them.

A race is a few sentences, each with about how many seconds it comes after the one before. Its words
are drawn once: a VM of ours, where it began, another host, a person. A VM that is not as a race
needs it makes parts of it pointless; there are enough others.
"""

from collections.abc import Iterator
from typing import Final

from vmuster.sim.engine.chance import Chance
from vmuster.sim.seeds.casting import Cast
from vmuster.sim.verbs.grammar import GRAMMAR
from vmuster.sim.verbs.verb import Step

RACES: Final = (
    # a VM changes while an order about it is on its way
    """
    0    somebody starts {vm} on {host}
    4    {host} answers slowly
    0.5  {actor} stops {vm} by force
    9    somebody pauses {vm} on {host}
    20   {host} answers fast again
    5    somebody resumes {vm} on {host}
    """,
    """
    0    somebody stops {vm} on {host}
    5    {host} answers slowly
    0.5  {actor} starts {vm}
    9    somebody starts {vm} on {host}
    0.1  somebody pauses {vm} on {host}
    20   {host} answers fast again
    5    somebody resumes {vm} on {host}
    """,
    """
    0    somebody starts {vm} on {host}
    4    {host} answers slowly
    1    {actor} stops {vm} by force
    9    somebody marks {vm} on {host} for another fleet
    20   {host} answers fast again
    20   somebody reverts {vm} on {host} to a snapshot
    """,
    """
    0    somebody starts {vm} on {host}
    4    {host} answers slowly
    1    {actor} stops {vm} by force
    9    somebody redefines {vm} on {host}
    20   {host} answers fast again
    5    {actor} adopts {vm}
    """,
    """
    0    {actor} starts {vm}
    3    somebody redefines {vm} on {host}
    1    {actor} stops {vm} by force
    20   {actor} adopts {vm}
    """,
    # what the agent goes by changes meanwhile
    """
    0    the line to {host} mixes up 100%
    2    {actor} stops {vm} by force
    0.1  {actor} sets {host} to observe
    15   the line to {host} is quiet again
    10   {actor} sets {host} to manage
    """,
    """
    0    {host} answers slowly
    1    {actor} stops {vm} by force
    8    {actor} sets {host} to observe
    25   {host} answers fast again
    10   {actor} sets {host} to manage
    """,
    """
    0    {actor} sets drift of default to enforce
    1    {actor} stops {vm}
    40   {host} answers slowly
    1    somebody starts {vm} on {host}
    8    {actor} disarms host {host}
    30   {host} answers fast again
    20   {actor} arms host {host}
    """,
    """
    0    {actor} starts {vm}
    4    {host} answers slowly
    1    {actor} stops {vm} by force
    8    the agent of {host} is frozen
    80   the agent of {host} is thawed
    5    {host} answers fast again
    """,
    # a guest takes its time, or a person does not
    """
    0    somebody starts {vm} on {host}
    4    {actor} stops {vm}
    1.5  somebody stops {vm} on {host}
    0.5  somebody starts {vm} on {host}
    """,
    """
    0    somebody stops {vm} on {host}
    5    {actor} starts {vm}
    0.1  somebody stops {vm} on {host}
    5    {actor} starts {vm}
    0.03 somebody stops {vm} on {host}
    """,
    # answers that come late, or never
    """
    0    somebody starts {vm} on {host}
    4    {vm} hangs on {host}
    0.5  {actor} stops {vm}
    30   {vm} goes on on {host}
    """,
    """
    0    somebody starts {vm} on {host}
    4    the daemon on {host} does and does not answer
    0.2  {actor} stops {vm} by force
    40   the daemon on {host} answers again
    """,
    """
    0    somebody starts {vm} on {host}
    4    {host} answers slowly
    0.2  {actor} stops {vm} by force
    10   the agent of {host} is killed
    0.2  the server is killed
    30   {host} answers fast again
    """,
    """
    0    {host} answers slowly
    1    {actor} starts {vm}
    7    the daemon on {host} is restarted
    0.5  {actor} stops {vm} by force
    20   {host} answers fast again
    """,
    """
    0    {actor} stops {vm}
    0.02 the database is away
    0.1  the agent of {host} is killed
    25   the database is back
    """,
    # a process that the daemon does not know of
    """
    0    somebody starts {vm} on {host}
    4    {host} answers slowly
    0.5  {actor} stops {vm} by force
    20   {actor} starts {vm}
    8    somebody starts {vm} on {host}
    0.1  the daemon on {host} takes its VMs for stopped
    20   {host} answers fast again
    20   the daemon on {host} remembers its VMs
    """,
    # the VM is on its way elsewhere, or was
    """
    0    somebody starts {vm} on {host}
    4    somebody begins to move {vm} from {host} to {other}
    8    {actor} starts {vm}
    0.5  {actor} stops {vm} by force
    20   {vm} from {host} has arrived on {other}
    0.1  {actor} starts {vm}
    """,
    """
    0    somebody stops {vm} on {host}
    4    {host} answers slowly
    0.5  {actor} starts {vm}
    8    somebody starts {vm} on {host}
    0.1  somebody moves {vm} from {host} to {other} and leaves its definition
    30   {host} answers fast again
    30   {actor} starts {vm}
    20   somebody moves {vm} from {other} to {host}
    """,
    """
    0    somebody starts {vm} on {host}
    4    {host} is heard no more
    2    somebody moves {vm} from {host} to {other}
    60   {host} is reached again
    0.1  {actor} stops {vm} by force
    """,
    """
    0    {other} is cut off
    1    somebody stops {vm} on {host}
    1    somebody copies {vm} from {host} to {other} and starts it
    3    {actor} starts {vm}
    30   {other} is reached again
    30   somebody deletes {vm} on {other}
    """,
    """
    0    somebody stops {vm} on {host}
    1    somebody copies {vm} from {host} to {other} and starts it
    20   the daemon on {other} forgets its VMs
    15   {actor} starts {vm}
    10   {actor} forgets {vm} on {other}
    1    {actor} starts {vm}
    10   the daemon on {other} remembers its VMs
    10   somebody deletes {vm} on {other}
    """,
    # automation that comes to its limits
    """
    0    {actor} sets restart of default to always
    1    {actor} starts {vm}
    15   {vm} crashes on {host}
    15   {vm} crashes on {host}
    15   {vm} crashes on {host}
    15   {vm} crashes on {host}
    15   {vm} crashes on {host}
    25   {vm} crashes on {host}
    25   {vm} crashes on {host}
    45   {vm} crashes on {host}
    """,
    """
    0    {actor} sets drift of default to enforce
    0.5  {actor} sets stops_per_pass_max of default to 0
    0.5  {actor} stops {vm}
    40   somebody starts {vm} on {host}
    15   {actor} approves what is held on {host}
    40   {actor} sets stops_per_pass_max of default to 10
    """,
    """
    0    {actor} sets drift of default to enforce
    0.5  {actor} sets starts_per_pass_max of default to 0
    0.5  {actor} starts {vm}
    40   somebody stops {vm} on {host}
    15   {actor} rejects what is held on {host}
    40   {actor} sets starts_per_pass_max of default to 10
    """,
    # marks and old databases
    """
    0    somebody starts {vm} on {host}
    4    {host} answers slowly
    1    {actor} adopts {vm}
    6    somebody saves {vm} on {host}
    20   {host} answers fast again
    5    somebody starts {vm} on {host}
    """,
    """
    0    {actor} stops {vm}
    0.3  the database is backed up as wednesday
    20   the agent of {host} is killed
    10   {actor} starts {vm}
    10   the database is restored from wednesday
    4    {actor} stops {vm}
    10   {actor} leaves the quarantine
    20   {actor} leaves the quarantine without {host}
    """,
    """
    0    {host} answers slowly
    0.5  {actor} starts {vm}
    7    {actor} says that the database was restored
    20   {host} answers fast again
    20   {actor} leaves the quarantine
    """,
)
"""Of each line: seconds after the one before, and what happens."""
_WHO: Final = ("anna", "bert")


def race(cast: Cast, chance: Chance, at: float) -> Iterator[Step]:
    """One of them, from this moment on."""
    vm = chance.one_of(cast.ours or tuple(cast.vms))
    host = cast.vms[vm]
    others = [each for each in cast.hosts if each != host]
    words = {"vm": vm, "host": host, "other": chance.one_of(others), "actor": chance.one_of(_WHO)}
    for line in chance.one_of(RACES).strip().splitlines():
        seconds, sentence = line.split(maxsplit=1)
        at += float(seconds) * chance.between(0.6, 1.4)
        yield GRAMMAR.step(sentence.format(**words), round(at, 3))
