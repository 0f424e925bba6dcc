"""Times in words, and the present moment."""

from datetime import UTC, datetime
from typing import Final

_SPANS: Final = ((86_400.0, "d"), (3_600.0, "h"), (60.0, "min"))


def present() -> float:
    """Seconds since the epoch, by the clock of this machine."""
    from vmuster.wiring.clock import SystemClock

    return SystemClock().now()


def at(seconds: float | None) -> str:
    """A moment (seconds since the epoch) in UTC, to the second; empty where there is none."""
    if seconds is None:
        return ""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def span(seconds: float) -> str:
    """A span in its largest whole unit: `12 s`, `3 min`, `2 h`, `5 d`."""
    for size, unit in _SPANS:
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
