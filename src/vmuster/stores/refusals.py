"""Why a set of changes was not written, in words; one wording for every store.

Names in these words come from hypervisors and persons, so they are shown bounded and visible.
"""

import msgspec

from vmuster.model.ids import VmUuid
from vmuster.model.text import bounded, visible
from vmuster.stores.kinds import KINDS, Holder, Unique, key_of, plain


class Refusal(Exception):
    """One set of changes is not written. `exact`: the words name the very row at fault."""

    def __init__(self, reason: str, *, exact: bool = True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.exact = exact


def label(row: msgspec.Struct) -> str:
    """What messages call `row`: its kind and its key."""
    key = "/".join(_shown(part) for part in key_of(row))
    return f"{KINDS[type(row)].word} {key}".rstrip()


def stale(row: msgspec.Struct, version: int) -> str:
    """The guarded row is gone, or was written since it was read."""
    return f"{label(row)}: version {version} is no longer current"


def recorded(vm: VmUuid) -> str:
    """A VM that must have no record has one."""
    return f"vm {vm} is recorded by now"


def there_already(row: msgspec.Struct) -> str:
    """A row with this key exists."""
    return f"{label(row)} is there already"


def taken(rule: Unique, row: msgspec.Struct) -> str:
    """Another row holds what must be unique."""
    return rule.words.format(*(_shown(plain(getattr(row, field))) for field in rule.columns))


def no_cluster(cluster: str) -> str:
    """A host belongs to a cluster that is not recorded."""
    return f"cluster {_shown(cluster)} is not there"


def still_held(holder: Holder, row: msgspec.Struct) -> str:
    """What other rows still name can't be dropped."""
    return f"{label(row)} still has {holder.words}"


def no_host(kind: type[msgspec.Struct]) -> str:
    """Sightings and held plans belong to a host; these have none."""
    return f"the host of a {KINDS[kind].word} is not there"


def unstorable(row: msgspec.Struct, why: str) -> str:
    """The row holds a value that no database could give back."""
    return f"{label(row)} can't be stored: {why}"


def _shown(value: object) -> str:
    return visible(bounded(str(value)))
