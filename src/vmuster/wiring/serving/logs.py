"""Logs: one event one line on stderr, whatever its texts hold, from us and from libraries (T17).

A text is escaped so that it parses back equal: in JSON, and in key=value as a JSON string where it
is more than one plain word. Nothing in a line moves the cursor, hides or reorders, and no field is
longer than four thousand characters.
"""

import json
import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Final

import structlog

from vmuster.model.text import bounded, visible

FIELD_CHARACTERS_MAX: Final = 4000
_WORD: Final = re.compile(r"[!#-<>-\[\]-~]+")
"""What stands in key=value without quotes: visible ASCII but quotes, equals and backslash."""
_FIRST: Final = ("timestamp", "level", "event")
_QUIET: Final = logging.WARNING
"""What libraries say below this is for those who look for a fault in one."""

Event = MutableMapping[str, Any]


def configure_logs(*, as_json: bool, level: str = "info") -> None:
    """Set up the log for this process: JSON lines for machines, or plain key=value lines."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    last: list[structlog.typing.Processor] = [_bound, _as_json if as_json else _as_pairs]
    structlog.configure(
        processors=[_heavy_enough, *shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    logging.getLogger().handlers = [handler]
    logging.captureWarnings(capture=True)
    set_level(level)


def set_level(level: str) -> None:
    """Log from this weight on, from now on; libraries only what is a warning, except `debug`."""
    _level.least = logging.getLevelNamesMapping()[level.upper()]
    quiet = _level.least > logging.DEBUG
    logging.getLogger().setLevel(max(_level.least, _QUIET) if quiet else logging.DEBUG)


class _Level:
    """What is logged at least; a server that is told to read its settings anew changes it."""

    least: int = logging.INFO


_level: Final = _Level()


def _heavy_enough(_logger: object, method: str, event: Event) -> Event:
    if _weight(method) < _level.least:
        raise structlog.DropEvent
    return event


def _weight(method: str) -> int:
    return (
        logging.ERROR if method == "exception" else logging.getLevelNamesMapping()[method.upper()]
    )


def _bound(_logger: object, _method: str, event: Event) -> Event:
    return {key: _field(key, value) for key, value in event.items()}


def _field(key: str, value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    text = str(value)
    if key == "exception" and len(text) > FIELD_CHARACTERS_MAX:
        return f"…{text[1 - FIELD_CHARACTERS_MAX :]}"  # what went wrong stands at its end
    return bounded(text, FIELD_CHARACTERS_MAX)


def _as_json(_logger: object, _method: str, event: Event) -> str:
    return _delete_escaped(json.dumps(_ordered(event)))


def _as_pairs(_logger: object, _method: str, event: Event) -> str:
    return " ".join(f"{key}={_value(value)}" for key, value in _ordered(event).items())


def _value(value: object) -> str:
    text = json.dumps(value) if not isinstance(value, str) else value
    return text if _WORD.fullmatch(text) else _quoted(text)


def _quoted(text: str) -> str:
    """`text` as a JSON string; of other scripts the letters stay what they are."""
    escaped = json.dumps(text, ensure_ascii=False)
    if escaped.isascii() and escaped.isprintable():
        return escaped
    return "".join(
        character if visible(character) == character else _escape(character)
        for character in escaped
    )


def _escape(character: str) -> str:
    return _delete_escaped(json.dumps(character)[1:-1])


def _delete_escaped(text: str) -> str:
    """JSON lets one control character through as it is."""
    return text.replace("\x7f", "\\u007f")


def _ordered(event: Mapping[str, Any]) -> dict[str, Any]:
    first = {key: event[key] for key in _FIRST if key in event}
    return first | {key: value for key, value in event.items() if key not in first}
