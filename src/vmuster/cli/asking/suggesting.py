"""What was meant by a name that the server does not know: those near to it that it does know."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final, cast

from vmuster.cli.asking.completing import Offer, clusters, credentials, hosts, vms
from vmuster.model.text import bounded

if TYPE_CHECKING:
    from vmuster.client.rest import Client

_SUGGESTED_MAX: Final = 3
_LISTED: Final[Mapping[str, Callable[["Client"], Iterable[Offer]]]] = {
    "vmuster host list": hosts,
    "vmuster vm list": vms,
    "vmuster cluster list": clusters,
    "vmuster credential list": credentials,
}
"""By the hint that comes with it: which things an unknown name is looked for among."""


def near_names(client: "Client", hint: str, typed: Iterable[object]) -> str:
    """`hint`, behind the names that are near to one of those `typed` and unknown, if there are."""
    from vmuster.client.errors import ClientError

    offers = _LISTED.get(hint)
    if offers is None:
        return hint
    try:
        names = [name for name, _ in offers(client)]
    except ClientError:
        return hint
    words = [bounded(word) for word in _words(typed) if word not in names]
    near = [name for word in words for name in get_close_matches(word, names, _SUGGESTED_MAX)]
    meant = " or ".join(dict.fromkeys(near[:_SUGGESTED_MAX]))
    return f"did you mean {meant}? else see: {hint}" if meant else hint


def _words(typed: Iterable[object]) -> Iterator[str]:
    for value in typed:
        if isinstance(value, str):
            yield value
        elif isinstance(value, tuple):
            yield from _words(cast("tuple[object, ...]", value))
