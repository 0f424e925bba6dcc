"""The breaker: when much goes dark at once, it is more likely us than them, and nothing is done.

It has no memory: it closes when enough hosts are UP again, and that a host does not hurry to be
is the matter of `silence`.
"""

from vmuster.model.policy import DARK_HOSTS_MIN


def breaker(lost: int, known: int, percent: int) -> str:
    """Why nothing automatic happens, in words; "" where the breaker is closed.

    `known` hosts have given an account at least once, `lost` of them are not UP now; more than
    `percent` of a hundred open it, and never fewer than `DARK_HOSTS_MIN`.
    """
    if lost < DARK_HOSTS_MIN or lost * 100 <= percent * known:
        return ""
    return f"{lost} of {known} hosts are not up, more than {percent} %: it may be our own network"
