"""What every part of the client shares: its line to the server, and how paths are written."""

from urllib.parse import quote

from vmuster.client.errors import ClientError
from vmuster.client.talking import Answer, Line

__all__ = ["Answer", "Asking", "items", "part", "said"]


class Asking:
    """A part of the client."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def _list(self, path: str, **chosen: str | int) -> list[Answer]:
        return items(self._line.ask("GET", path, params=said(**chosen)))


def items(answer: Answer) -> list[Answer]:
    """The things of an answer that is a list."""
    found: list[Answer] = answer["items"]
    return found


def said(**chosen: str | int) -> dict[str, str | int]:
    """The parameters that say something."""
    return {name: value for name, value in chosen.items() if value != ""}


def part(reference: str) -> str:
    """`reference` as one part of a path. A part of dots alone would be taken for a direction, and
    an empty one for the whole list: that is a `ClientError`."""
    if not reference:
        raise ClientError("a name is empty", hint="say whose it is; nothing was asked for")
    encoded = quote(reference, safe="", errors="replace")
    return encoded if encoded.strip(".") else encoded.replace(".", "%2E")
