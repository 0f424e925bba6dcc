"""What the API is asked about the recording of passes."""

from vmuster.client.asking import Answer, Asking


class Recordings(Asking):
    """Questions and requests about the recording."""

    def recording(self) -> Answer:
        """The recording as it stands; `started_at` is null where there is none."""
        return self._line.ask("GET", "recording")

    def start_recording(self, *, hours: int | None = None, max_mib: int | None = None) -> Answer:
        """Keep every pass from now on, for so many hours, and of all that the newest so many MiB;
        None: the server's usual. The recording before is dropped."""
        body = {"hours": hours, "max_mib": max_mib}
        chosen = {name: value for name, value in body.items() if value is not None}
        return self._line.ask("POST", "recording/start", json=chosen)

    def stop_recording(self) -> Answer:
        """Keep no more passes; what was recorded stays."""
        return self._line.ask("POST", "recording/stop")

    def drop_recording(self) -> Answer:
        """Drop all that was recorded."""
        return self._line.ask("DELETE", "recording")

    def recording_segment(self, number: int) -> bytes:
        """A part of the recording, as it lies on the server's disk: compressed (gzip) lines of
        JSON, of which the last may be torn."""
        return self._line.fetch(f"recording/segments/{number}")
