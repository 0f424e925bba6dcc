"""What the API is asked about webhooks."""

from collections.abc import Sequence

from vmuster.client.asking import Answer, Asking, part


class Webhooks(Asking):
    """Questions and requests about webhooks."""

    def webhooks(self) -> list[Answer]:
        """Every webhook, and how its deliveries go."""
        return self._list("webhooks")

    def webhook(self, name: str) -> Answer:
        """A webhook, and how its deliveries go."""
        return self._line.ask("GET", f"webhooks/{part(name)}")

    def add_webhook(
        self, name: str, url: str, *, kinds: Sequence[str] = ("alert",), secret: str = ""
    ) -> Answer:
        """Have entries of these kinds posted to a url. A secret that was made for it, since none
        was given, is under `secret`, and is shown never again."""
        body = {"name": name, "url": url, "kinds": list(kinds), "secret": secret or None}
        return self._line.ask("POST", "webhooks", json=body)

    def test_webhook(self, name: str) -> Answer:
        """Have a test posted, now."""
        return self._line.ask("POST", f"webhooks/{part(name)}/test")

    def remove_webhook(self, name: str) -> Answer:
        """Tell this one no more."""
        return self._line.ask("DELETE", f"webhooks/{part(name)}")
