"""What may go wrong when a server is asked."""


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
