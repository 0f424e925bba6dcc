"""What docs/from-cloudstack.md shows by example is what happens."""

import json

import pytest

from tests.tidy.tree import ROOT
from vmuster.model.names import RULES, is_canonical, is_valid
from vmuster.replay.lines import answer_line

PAGE = (ROOT / "docs" / "from-cloudstack.md").read_text(encoding="utf-8")
START = '    {"case": "1"'


def rows(heading: str) -> list[list[str]]:
    """The cells of the first table under a heading, without its head."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    table = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[2:]]


@pytest.mark.parametrize(
    ("decided_by", "stopped"),
    [
        ("original", ["Windows 7 (32-bit) (1)", "i-9-99-OTHER"]),
        ("proposed_guard", ["i-9-99-OTHER"]),
        ("vmuster", []),
    ],
)
def test_all_three_decide_as_the_page_says(decided_by: str, stopped: list[str]) -> None:
    example = json.loads(START + PAGE.partition(START)[2].partition("\n\n")[0])
    line = json.dumps({**example, "decided_by": decided_by}).encode()
    answer = json.loads(json.dumps(answer_line(line)[0]))
    assert [command["name"] for command in answer["commands"]] == stopped
    row = next(cells for cells in rows("See all three decide") if decided_by in cells[0])
    shown = [
        vm["name"]
        for vm, cell in zip(example["report"]["vms"], row[1:], strict=True)
        if "stopped" in cell
    ]
    assert shown == stopped


@pytest.mark.parametrize("cells", rows("The naming rule"), ids=lambda cells: cells[0])
def test_the_table_of_names_is_true(cells: list[str]) -> None:
    for quoted in cells[0].split(","):
        name = quoted.strip().strip("`")
        assert any(is_valid(name, kind) for kind in RULES) is (cells[1] == "yes")
        assert is_canonical(name, "VM") is (cells[2] == "yes")
