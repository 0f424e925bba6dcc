"""Times in words, and the present moment. The API says times as RFC 3339 text, or null."""

from datetime import UTC, datetime
from typing import Final

_SPANS: Final = ((86_400.0, "d"), (3_600.0, "h"), (60.0, "min"))


def present() -> float:
    """Seconds since the epoch, by the clock of this machine."""
    from vmuster.wiring.clock import SystemClock

    return SystemClock().now()


def seconds(moment: str) -> float:
    """The seconds since the epoch at a moment of the API."""
    return datetime.fromisoformat(moment).timestamp()


def at(moment: str | None) -> str:
    """A moment of the API in UTC, to the second; empty where there is none."""
    if moment is None:
        return ""
    return datetime.fromisoformat(moment).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def span(length: float) -> str:
    """A span of seconds in its largest whole unit: `12 s`, `3 min`, `2 h`, `5 d`."""
    for size, unit in _SPANS:
        if length >= 2 * size:
            return f"{length / size:.0f} {unit}"
    return f"{length:.0f} s"
