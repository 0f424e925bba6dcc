"""A settled account: what of a host a server leaves to the next one, when it ends in good order."""

import msgspec

from vmuster.model.ids import HostId


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """The account of `host` with this `digest` is known: a pass was the last word about every VM.

    `judged_at`: when all of it was judged. `seal`: what must be the same for this to hold, the
    release that judged, and the weight of every row that passes go by.
    """

    host: HostId
    digest: str
    judged_at: float
    seal: str
    version: int = 0
