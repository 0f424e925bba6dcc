"""Every test that docs/faults.md names exists, and the rows that were promised are there."""

import ast
import re

import pytest

from tests.tidy.tree import ROOT, TESTS, parsed

PAGE = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
ROWS = [line for line in PAGE.splitlines() if re.match(r"\| [FT]\d", line)]
TEST_ID = re.compile(r"`([\w/]+\.py)::(test_\w+)`")
NAMED = sorted(set(TEST_ID.findall(PAGE)))
ROLL_CALL = {
    *(f"F{number}" for number in (*range(16, 20), *range(27, 31), *range(39, 46), 47)),
    *("T06", "T07", "T08", "T28"),
}
"""What was promised of the roll call on real hypervisors."""
UNDER_FAILURE = {
    *(f"F{number}" for number in (*range(13, 16), *range(20, 27), 31, 32, 36, 46, *range(48, 51))),
    *("F60", "F62", "F79", "F80", "F85", "F89", "T04", "T18", "T22", "T27", "T29", "T37"),
}
"""What was promised of the truth when hosts, hypervisors, connections, servers or people fail."""
FACES = {f"T{number:02}" for number in (9, 10, 13, 16, 17, 19, 20, 31, 35, 36)}
"""What was promised of the faces: API, command line, logs, metrics and what is posted."""
PROMISED = ROLL_CALL | UNDER_FAILURE | FACES
REAL = {row for row in ROLL_CALL if row.startswith("F")} | {
    *("F20", "F32", "F36", "F46", "F49", "T22", "T28", "T29")
}
"""What has to be shown on libvirt and QEMU."""


def numbers(row: str) -> set[str]:
    """The numbers of a row: `F02–F04, F08` is four of them."""
    found: set[str] = set()
    for part in row.split("|")[1].split(","):
        kind, *ends = re.findall(r"[FT]|\d+", part.replace("–F", "–").replace("–T", "–"))
        found |= {f"{kind}{number:02}" for number in range(int(ends[0]), int(ends[-1]) + 1)}
    return found


def has_function(path: str, name: str) -> bool:
    file = TESTS / path
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return file.is_file() and any(
        isinstance(node, functions) and node.name == name for node in parsed(file).body
    )


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_a_test_that_is_named_exists(path: str, name: str) -> None:
    assert has_function(path, name)


def test_every_row_that_was_promised_is_there_and_names_a_test() -> None:
    held = {number for row in ROWS if TEST_ID.search(row) for number in numbers(row)}
    assert PROMISED - held == set()


def test_rows_about_hypervisors_are_held_on_a_real_one() -> None:
    held = {number for row in ROWS if "`system/real/" in row for number in numbers(row)}
    assert REAL - held == set()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip())
def test_every_row_names_tests_and_nothing_else_in_their_place(row: str) -> None:
    cells = [cell.strip() for cell in row.strip("| ").split(" | ")]
    assert len(cells) == 4
    assert TEST_ID.sub("", cells[3]).replace("<br>", "") == ""


def test_a_range_of_rows_is_read_as_all_of_them() -> None:
    assert numbers("| F02–F04, F08, T18 | x |") == {"F02", "F03", "F04", "F08", "T18"}


def test_a_test_that_is_not_there_is_noticed() -> None:
    assert not has_function("tidy/test_faults.py", "test_that_nobody_wrote")
    assert not has_function("tidy/test_nothing.py", "test_a_test_that_is_named_exists")
