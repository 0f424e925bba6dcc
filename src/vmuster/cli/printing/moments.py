"""Times in words, and the present moment. The API says times as RFC 3339 text, or null."""

import re
from datetime import UTC, datetime
from typing import Final

_AGO_SECONDS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 7 * 86_400}
_AGO: Final = re.compile(r"([0-9]{1,5})([smhdw])", re.ASCII)
_SPANS: Final = ((86_400.0, "d"), (3_600.0, "h"), (60.0, "min"))


def present() -> float:
    """Seconds since the epoch, by the clock of this machine."""
    from vmuster.wiring.outside.clock import SystemClock

    return SystemClock().now()


def seconds(moment: str) -> float:
    """The seconds since the epoch at a moment of the API."""
    return datetime.fromisoformat(moment).timestamp()


def at(moment: str | None) -> str:
    """A moment of the API in UTC, to the second; empty where there is none."""
    if moment is None:
        return ""
    return datetime.fromisoformat(moment).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def since(text: str) -> str:
    """The moment that a person means, as the API is told it: an RFC 3339 time, or `90m`, `1h`,
    `2d` ago. Raises `ValueError`."""
    ago = _AGO.fullmatch(text)
    if ago is not None:
        then = datetime.fromtimestamp(present() - int(ago[1]) * _AGO_SECONDS[ago[2]], UTC)
        return then.isoformat()
    if datetime.fromisoformat(text).tzinfo is None:
        raise ValueError("a time without its zone")
    return text


def span(length: float) -> str:
    """A span of seconds in its largest whole unit: `12 s`, `3 min`, `2 h`, `5 d`."""
    for size, unit in _SPANS:
        if length >= 2 * size:
            return f"{length / size:.0f} {unit}"
    return f"{length:.0f} s"
