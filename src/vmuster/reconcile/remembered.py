"""What an agent remembers of us, beside what our database knows: a second witness of its age.

The marks on the VMs are the first (`too_new`); this one needs no VM.
"""

from collections.abc import Sequence
from typing import Final

from vmuster.model.host import Fleet, Host
from vmuster.model.ids import CommandId
from vmuster.model.messages import Hello

_AHEAD_MAX: Final = 2**40
"""So many numbers no fleet gives in the years between a backup and its restoration."""


def impossible(host: Host, fleet: Fleet, hello: Hello) -> str:
    """Why no server of ours can have told its agent these numbers, in words; "" where one can.

    Measured from our own numbers: whatever an agent has made us go on from, the next is possible.
    """
    known = ((hello.epoch, host.epoch), (hello.intake, fleet.intake))
    if all(0 <= told <= ours + _AHEAD_MAX for told, ours in known):
        return ""
    return (
        f"its agent's journal speaks of numbers that no server of ours can have given (epoch"
        f" {hello.epoch}, number {hello.intake}): move {host.id}.journal away, for a new one begins"
    )


def newer_than_ours(
    host: Host, given: int, unknown: Sequence[CommandId], hello: Hello
) -> tuple[str, ...]:
    """What the agent of `host` was told once, and our database does not know of, in words.

    `given`: the highest number that was ever given, as far as we know; `unknown`: those of the
    commands that the agent names of which we know nothing.

    An agent that lost its journal, or whose journal is an older one, says less than we know: that
    is no evidence of anything.
    """
    agent = f"the agent of host {host.name} was told"
    said = (
        (hello.epoch > host.epoch, f"{agent} epoch {hello.epoch}, and ours is {host.epoch}"),
        (
            hello.intake > given,
            f"{agent} number {hello.intake}, and we have given none above {given}",
        ),
        (bool(unknown), f"{agent} to carry out {len(unknown)} commands of which we know nothing"),
    )
    return tuple(words for newer, words in said if newer)
