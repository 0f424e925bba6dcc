"""The answer to a request, kept from being sent: for gates that look at it first."""

from starlette.types import Message, Receive, Scope, Send

Headers = list[tuple[bytes, bytes]]


class Captured:
    """An answer. Given as `send` to whoever answers; answers here are short, so it is kept."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: Headers = []
        self.body = b""

    async def send(self, message: Message) -> None:
        """Take one message of the answer."""
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message.get("headers", ()))
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")

    async def pass_on(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send it, just as it was captured."""
        start = {"type": "http.response.start", "status": self.status, "headers": self.headers}
        await send(start)
        await send({"type": "http.response.body", "body": self.body})

    @property
    def done(self) -> bool:
        """Whether what was asked for was done."""
        return 200 <= self.status < 300
