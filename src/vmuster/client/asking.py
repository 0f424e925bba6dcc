"""What every part of the client shares: its line to the server, and how paths are written."""

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote, urlsplit

from vmuster.client.errors import ClientError
from vmuster.client.talking import Answer, Line

__all__ = ["Answer", "Asking", "items", "part", "said"]

_PREFIX: Final = "/api/v1"
PAGE: Final = 1000
"""Things on a page, where all are wanted: as many as the server gives at once."""


class Asking:
    """A part of the client."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def raw(self, method: str, path: str, *, json: Answer | None = None, key: str = "") -> Answer:
        """The answer to any request. `path`: under /api/v1, with its query; what leads away from
        this server, with the key to it, is refused."""
        inside = path.removeprefix(_PREFIX).lstrip("/")
        if not inside or urlsplit(inside).scheme or urlsplit(inside).netloc:
            raise ClientError(
                "that is no path of the API", hint=f"it begins with a slash, like {_PREFIX}/hosts"
            )
        return self._line.ask(method, inside, json=json, key=key)

    def pages(self, path: str, **chosen: Any) -> Iterator[list[Answer]]:
        """The pages of a list, as they are asked for. `chosen`: filters, and `limit`: how many
        things a page has at most. A list that changes meanwhile is asked for where it was left."""
        params = said(**{"limit": PAGE, **chosen})
        while True:
            answer = self._line.ask("GET", path, params=params)
            yield items(answer)
            if answer["next"] is None:
                return
            params["cursor"] = answer["next"]

    def _list(self, path: str, *, limit: int = 0, **chosen: Any) -> list[Answer]:
        """Everything of a list that fits; the first `limit` of it, where that is not 0."""
        found: list[Answer] = []
        size = min(limit, PAGE) if limit else PAGE
        for page in self.pages(path, limit=size, **chosen):
            found += page
            if limit and len(found) >= limit:
                return found[:limit]
        return found


def items(answer: Answer) -> list[Answer]:
    """The things of an answer that is a list."""
    found: list[Answer] = answer["items"]
    return found


def said(**chosen: Any) -> dict[str, Any]:
    """The parameters that say something."""
    return {name: value for name, value in chosen.items() if value not in ("", ())}


def part(reference: str) -> str:
    """`reference` as one part of a path. A part of dots alone would be taken for a direction, and
    an empty one for the whole list: that is a `ClientError`."""
    if not reference:
        raise ClientError("a name is empty", hint="say whose it is; nothing was asked for")
    encoded = quote(reference, safe="", errors="replace")
    return encoded if encoded.strip(".") else encoded.replace(".", "%2E")
