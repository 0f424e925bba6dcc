"""What an agent remembers of us, beside what our database knows: a second witness of its age.

The marks on the VMs are the first (`too_new`); this one needs no VM.
"""

from typing import Final

from vmuster.model.host import Fleet, Host
from vmuster.model.messages import Hello

_NUMBER_MAX: Final = 2**53
"""No number of ours comes near to it."""


def impossible(hello: Hello) -> str:
    """Why no server of ours can have told its agent these numbers, in words; "" where one can."""
    if all(0 <= number <= _NUMBER_MAX for number in (hello.epoch, hello.intake)):
        return ""
    return "its agent speaks of numbers that no server of ours can have given"


def newer_than_ours(host: Host, fleet: Fleet, hello: Hello) -> tuple[str, ...]:
    """What the agent of `host` was told once, and our database does not know of, in words.

    An agent that lost its journal, or whose journal is an older one, says less than we know: that
    is no evidence of anything.
    """
    agent = f"the agent of host {host.name} was told"
    said = (
        (hello.epoch > host.epoch, f"{agent} epoch {hello.epoch}, and ours is {host.epoch}"),
        (
            hello.intake > fleet.intake,
            f"{agent} number {hello.intake}, and we have given none above {fleet.intake}",
        ),
    )
    return tuple(words for newer, words in said if newer)
