"""What changed between two documents of plain JSON data, and a document with its changes.

A pass is nearly the pass before it: of a hundred VMs one has changed. A delta is a list of changes,
`[path, value]` or, for what is gone, `[path]`; a path is the keys and places on the way.
"""

from collections.abc import Iterable, Iterator
from typing import Any, cast

from vmuster.model.errors import Corrupt

Path = tuple[str | int, ...]


def delta(before: object, after: object, path: Path = ()) -> Iterator[list[Any]]:
    """The changes that make `after` of `before`. Lists are compared place by place where they are
    equally long, and are given whole where they are not."""
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        was, is_ = cast("dict[str, object]", before), cast("dict[str, object]", after)
        yield from ([[*path, key]] for key in was if key not in is_)  # in the order of the fields
        for key, value in is_.items():
            if key in was:
                yield from delta(was[key], value, (*path, key))
            else:
                yield [[*path, key], value]
    elif isinstance(before, list) and isinstance(after, list):
        old, new = cast("list[object]", before), cast("list[object]", after)
        if len(old) != len(new):
            yield [[*path], new]
            return
        for place, (was, is_) in enumerate(zip(old, new, strict=True)):
            yield from delta(was, is_, (*path, place))
    else:
        yield [[*path], after]


def change(document: Any, changes: Iterable[Any]) -> None:
    """Make `changes` in `document`. Raises `Corrupt` where one does not fit it."""
    try:
        for (*way, last), *value in changes:
            node = document
            for step in way:
                node = node[step]
            if value:
                (node[last],) = value
            else:
                del node[last]
    except (TypeError, ValueError, LookupError) as error:
        raise Corrupt("a change does not fit what it changes") from error
