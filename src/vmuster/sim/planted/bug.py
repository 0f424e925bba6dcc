"""What a planted bug is, and a layer of defence that can be switched off."""

import msgspec

from vmuster.sim.planted.patch import Patch


class Layer(msgspec.Struct, frozen=True, kw_only=True):
    """A defence that would keep a bug from doing harm. `what`: what it does while it is on."""

    name: str
    what: str
    patches: tuple[Patch, ...]


class Planted(msgspec.Struct, frozen=True, kw_only=True):
    """A bug. `what`: what the code does wrong, in one sentence; `laws`: those that it breaks, any
    of which finds it; `off`: the layers that are switched off with it, since they would keep every
    law in its place; `shape`: the kind of schedule in which it shows itself (see `shapes`)."""

    name: str
    what: str
    laws: tuple[str, ...]
    patches: tuple[Patch, ...]
    off: tuple[str, ...] = ()
    shape: str = ""
