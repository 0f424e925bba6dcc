"""How a value is said to people and programs: plain JSON data, by one rule for every field.

The rule goes by names, so that it holds for evidence and for what nobody has thought of yet:

* Times are RFC 3339 text in UTC. A time is a float in a field whose name says *when* (`is_time`);
  0 is our word for "never", and is said as null. Durations stay numbers, and end in `_seconds`.
* Beside a host's id under `host` stands the host's name, null where there is no such host any more.
* Signatures and sealed secrets are left out. A mark's signature lies in the VM's metadata for
  everybody to read, but a grant's is a leave to stop VMs. Nobody who reads an answer needs either;
  nor a credential, encrypted or not. So is what an operation remembers for its own sake.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final, cast

import msgspec

from vmuster.model.host import Host
from vmuster.ports.store import Store

UNSAID: Final = frozenset(
    {"signature", "signatures", "sealed", "idempotency_key", "previous", "intake"}
)
HOST_ID: Final = re.compile(r"h-[0-9a-f]{12}")
HOST, HOST_NAME = "host", "host_name"
_WHEN: Final = re.compile(r"(.*_)?(at|since|until|after)")
_LAST: Final = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp()
_AT_ONCE: Final = 500
"""Hosts in one look-up: a statement takes only so many values."""


def is_time(name: str) -> bool:
    """Whether a float in a field of this name is a moment (seconds since the epoch)."""
    return _WHEN.fullmatch(name) is not None


def moment(seconds: float) -> str | None:
    """A moment as RFC 3339 text in UTC, to the microsecond; None for 0, which is never."""
    if seconds == 0:
        return None
    told = datetime.fromtimestamp(min(max(seconds, 0.0), _LAST), UTC)
    return told.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


async def say(store: Store, value: object) -> Any:
    """`value` as plain JSON data; hosts that it mentions are looked up, all of them at once."""
    plain = msgspec.to_builtins(value)
    return _said(plain, await host_names(store, frozenset(_mentioned(plain))))


async def hosts_of(store: Store, ids: Collection[str]) -> list[Host]:
    """The hosts with these ids; what is no host any more, or can't be read, is not among them."""
    wanted, found = sorted(ids), list[Host]()
    for start in range(0, len(wanted), _AT_ONCE):
        some = frozenset(wanted[start : start + _AT_ONCE])
        found += await store.find(Host, id=some, limit=len(some), readable=True)
    return found


async def host_names(store: Store, ids: Collection[str]) -> dict[str, str]:
    """Host id → name, of these hosts."""
    return {host.id: host.name for host in await hosts_of(store, ids)}


def spoken(text: str, names: Mapping[str, str]) -> str:
    """`text` with the names of hosts in place of their ids, by which the core speaks of them."""
    return HOST_ID.sub(lambda found: names.get(found[0], found[0]), text)


def _mentioned(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in cast("dict[str, Any]", value).items():
            if _is_host(key, inner):
                yield inner
            else:
                yield from _mentioned(inner)
    elif isinstance(value, list | tuple):
        for inner in cast("list[Any]", value):
            yield from _mentioned(inner)


def _said(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, list | tuple):
        return [_said(inner, names) for inner in cast("list[Any]", value)]
    if not isinstance(value, dict):
        return value
    said: dict[str, Any] = {}
    for key, inner in cast("dict[str, Any]", value).items():
        if key in UNSAID:
            continue
        if isinstance(inner, float) and is_time(key):
            said[key] = moment(inner)
            continue
        said[key] = _said(inner, names)
        if _is_host(key, inner):
            said[HOST_NAME] = names.get(str(inner))
    return said


def _is_host(key: str, value: Any) -> bool:
    return key == HOST and isinstance(value, str) and HOST_ID.fullmatch(value) is not None
