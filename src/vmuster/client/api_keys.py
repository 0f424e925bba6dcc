"""What the API is asked about API keys."""

from vmuster.client.asking import Answer, Asking, part


class ApiKeys(Asking):
    """Questions and requests about API keys."""

    def api_keys(self) -> list[Answer]:
        """Every API key, without its text."""
        return self._list("api-keys")

    def own_api_key(self) -> Answer:
        """The key that this client bears: its name, its scope, when it expires."""
        return self._line.ask("GET", "api-keys/self")

    def create_api_key(
        self, name: str, *, scope: str = "read", lasts_seconds: int | None = None
    ) -> Answer:
        """A new key; its text is under `key`, and is shown never again."""
        body = {"name": name, "scope": scope, "lasts_seconds": lasts_seconds}
        return self._line.ask("POST", "api-keys", json=body)

    def revoke_api_key(self, name: str) -> Answer:
        """Take a key away, at once."""
        return self._line.ask("DELETE", f"api-keys/{part(name)}")
