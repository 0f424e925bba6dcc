"""Values as JSON, YAML and CSV: in each of them, hostile text stays text.

JSON and YAML are ASCII alone, so that no terminal can be led astray by a name. CSV is what people
open in a spreadsheet: there, text that begins like a formula gets an apostrophe in front.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Final

_FORMULA: Final = ("=", "+", "-", "@")
"""What a spreadsheet takes for the beginning of a formula. (A tab and a return are escaped.)"""


def as_json(value: object, *, one_line: bool = False) -> str:
    """`value` as JSON."""
    return json.dumps(value) if one_line else json.dumps(value, indent=2)


def as_yaml(value: object) -> str:
    """`value` as a YAML document, which begins with `---` so that several can follow each other."""
    import yaml

    plain = json.loads(json.dumps(value))
    return yaml.safe_dump(plain, sort_keys=False, allow_unicode=False, explicit_start=True)


def as_csv(rows: Iterable[Sequence[str]]) -> str:
    """Rows as CSV (RFC 4180); the line ends are those of Unix."""
    import csv
    from io import StringIO

    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([_no_formula(cell) for cell in row] for row in rows)
    return text.getvalue()


def _no_formula(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
