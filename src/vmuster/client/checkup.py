"""What the API is asked about the installation itself."""

from vmuster.client.asking import Answer, Asking, said


class Checkup(Asking):
    """Questions about what is wrong with a server, and how to mend it."""

    def examination(self, *, deep: bool = False) -> Answer:
        """What the doctor says. `deep`: every row is read, which may take minutes."""
        return self._line.ask("GET", "doctor", params=said(deep="true" if deep else ""))
