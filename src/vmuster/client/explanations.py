"""What the API is asked about reasons: stories, the rules, and whether the journal is true."""

from collections.abc import Iterator

from vmuster.client.asking import Answer, Asking, items, part, said


class Explanations(Asking):
    """Questions that begin with "why", and whether the answers can be believed."""

    def story(self, reference: str, *, limit: int = 200) -> Answer:
        """Why: of anything that has an id, or of a VM by its name."""
        return self._line.ask("GET", f"explanations/{part(reference)}", params=said(limit=limit))

    def rules(self) -> list[Answer]:
        """Every rule by which vmuster decides, refuses or waits."""
        return items(self._line.ask("GET", "rules"))

    def rule(self, rule: str) -> Answer:
        """One rule."""
        return self._line.ask("GET", f"rules/{part(rule)}")

    def journal_head(self) -> Answer:
        """The last entry of the journal, and its hash, to be written down."""
        return self._line.ask("GET", "journal/head")

    def verification(self, *, anchor: str = "") -> Iterator[Answer]:
        """Whether the journal is as it was written: what was found so far, some entries at a time;
        the last one is the verdict. `anchor`: ID:HASH, as it was written down."""
        cursor: str | None = ""
        while cursor is not None:
            found = self._line.ask(
                "GET", "journal/verification", params=said(anchor=anchor, cursor=cursor)
            )
            yield found
            cursor = found["next"]
