"""What `--dry-run` prints: what a request would have changed, and that nothing was."""

import json
from collections.abc import Iterator
from typing import Any, Final

from vmuster.cli.printing.forms import Column, Form, Output, Shape, print_items, print_told
from vmuster.model.text import bounded, counted, visible

Document = dict[str, Any]
_VALUE_CHARACTERS_MAX: Final = 120


def _value(value: object) -> str:
    """A value as it stands in a line: text as it is, anything else as JSON."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return visible(bounded(text, _VALUE_CHARACTERS_MAX))


CHANGES: Final = Shape(
    "key",
    (
        Column("KIND", lambda change: change["kind"]),
        Column("NAME", lambda change: change["name"]),
        Column("FIELD", lambda change: change["field"]),
        Column("BEFORE", lambda change: _value(change["before"])),
        Column("AFTER", lambda change: _value(change["after"])),
    ),
)


def print_rehearsal(document: Document, out: Output) -> None:
    """Print what was rehearsed."""
    if out.form is Form.CSV:
        print_items(document["changes"], CHANGES, out)
        return
    names = dict.fromkeys(f"{change['kind']}/{change['key']}" for change in document["changes"])
    print_told(document, out, names=names, told=lambda: told(document))


def told(document: Document) -> Iterator[str]:
    """The document in words, line by line."""
    lines = [*_changed(document), *_sent(document), *_noted(document)]
    lines += [visible(step) for step in document.get("then", ())]
    if not lines:
        yield "Nothing would change."
        return
    yield "Only rehearsed: nothing was changed. In earnest:"
    for line in lines:
        yield f"  {line}"
    if document["more"]:
        yield f"  and {counted(document['more'], 'line')} more"


def _changed(document: Document) -> Iterator[str]:
    for change in document["changes"]:
        what = f"{change['kind']} {visible(change['name'] or change['key'])}"
        if change["field"]:
            before, after = _value(change["before"]), _value(change["after"])
            yield f"{what}: {change['field']} {before} -> {after}"
        else:
            yield f"{what}: {'new' if change['before'] is None else 'dropped'}"


def _sent(document: Document) -> Iterator[str]:
    for command in document["commands"]:
        where = command["host_name"] or "its host"
        yield f"to {visible(where)}: {command['command']} {visible(command['name'])}"


def _noted(document: Document) -> Iterator[str]:
    for entry in document["entries"]:
        yield f"journal: {visible(bounded(entry, _VALUE_CHARACTERS_MAX))}"
