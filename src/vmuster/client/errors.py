"""What may go wrong when a server is asked; and what ends a rehearsal."""

from typing import Any


class ClientError(Exception):
    """A request was not done: the kind of trouble, what happened, and what to do next.

    `status` is that of the server's answer; None where there was no answer.
    """

    def __init__(
        self, title: str, *, detail: str = "", hint: str = "", status: int | None = None
    ) -> None:
        super().__init__(f"{title}: {detail}" if detail else title)
        self.title = title
        self.detail = detail
        self.hint = hint
        self.status = status


class Rehearsed(Exception):
    """A request was only rehearsed: `document` says what it would have answered and changed.

    An exception, because nothing that comes after the first change can be rehearsed on it.
    """

    def __init__(self, document: dict[str, Any]) -> None:
        super().__init__("only rehearsed: nothing was changed")
        self.document = document
