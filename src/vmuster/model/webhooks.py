"""Webhooks, as recorded: who is told of what, and how far they were told."""

import msgspec

from vmuster.model.journal import EntryKind


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """Journal entries of these `kinds` are posted to `url`, in their order.

    `sealed`: the secret that signs each post, encrypted as a credential is. `delivered`: the id of
    the journal entry up to which everything was delivered, or is not of its kinds. `failures`: in
    a row; `trouble`: why the last try failed, empty where it did not.
    """

    name: str
    url: str
    sealed: bytes
    kinds: tuple[EntryKind, ...]
    created_at: float
    delivered: int = 0
    failures: int = 0
    trouble: str = ""
    tried_at: float | None = None
    version: int = 0

    def __repr__(self) -> str:
        """Without what is sealed, and without the url: a path may hold a secret of its own."""
        return f"Webhook(name={self.name!r})"
