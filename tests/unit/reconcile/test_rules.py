"""The catalogue of rules is total and has no dead row.

What the sources, the tables and any world at all can name has a page; and each page is of
something that they can name.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import given

from tests.laws.random_worlds import worlds
from tests.tidy.tree import PACKAGE, files, parsed
from tests.worlds import World
from tools.rules import OUTPUT, render
from vmuster.agent import guard
from vmuster.reconcile import classify, standing
from vmuster.reconcile.ownership import CHECKS, CLEARANCE_CHECKS
from vmuster.reconcile.pages.page import FAMILIES, LAWS, Family
from vmuster.reconcile.rules import CATALOGUE, spoken

ROWS = (
    *classify.TABLE.values(),
    *(classify.UNKNOWN, classify.PAUSED, classify.TRAVELS, classify.LEFT, classify.RUNS_ON),
)
GUARD = {
    check.reason
    for checks in (
        *guard.STOP_CHECKS.values(),
        *(guard.START_CHECKS, guard.MARK_CHECKS, guard.UNMARK_CHECKS),
    )
    for check in checks
}
REQUESTS = ("operations", "adoption", "forgetting", "quarantine", "turns")
NAMED_ELSEWHERE = {"law"}
"""What stops a decision whose own rule is another one: it is known by its words."""

ALSO_NAMED = {"quarantine", "failed-pause"}
"""What keeps automation back, and is named as the rule of its own end, or alert, as well."""


def of(*families: Family) -> set[str]:
    return {page.name for page in CATALOGUE.values() if page.family in families}


def says(family: Family) -> set[str]:
    return {page.says for page in CATALOGUE.values() if page.family is family}


def constants(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def in_sources() -> Iterator[str]:
    """Every literal that is given as `rule`, under that name or in its place among arguments."""
    for path in files(PACKAGE, ".py"):
        if PACKAGE / "reconcile" / "pages" not in path.parents:
            yield from _in(parsed(path))


def _in(tree: ast.Module) -> Iterator[str]:
    named = {**CONSTANTS, **_assigned(tree)}
    places = {
        function.name: _place(function)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
    }
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        passed = [keyword.value for keyword in call.keywords if keyword.arg == "rule"]
        place = places.get(call.func.id) if isinstance(call.func, ast.Name) else None
        if place is not None and place < len(call.args):
            passed.append(call.args[place])
        for value in passed:
            yield from _said(value, named)


def _assigned(tree: ast.AST) -> dict[str, ast.expr]:
    """What is assigned to plain names, anywhere in `tree`."""
    found: dict[str, ast.expr] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                found[name] = value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                found[name] = value
            case _:
                pass
    return found


def _said(value: ast.expr, named: Mapping[str, ast.expr]) -> Iterator[str]:
    """The texts that an expression may be: a literal, a name for one, or one of two."""
    match value:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=one, orelse=other):
            yield from _said(one, named)
            yield from _said(other, named)
        case ast.Name(id=name) if name in named and not isinstance(named[name], ast.Name):
            yield from _said(named[name], named)
        case _:
            return


CONSTANTS = {
    name: value
    for path in files(PACKAGE, ".py")
    for name, value in _assigned(parsed(path)).items()
    if name.isupper() and isinstance(value, ast.Constant)
}
"""Constants of any module: a rule may be named in one and given in another."""


def _place(function: ast.FunctionDef) -> int | None:
    """Where among its arguments a function takes the name of a rule, which it passes on."""
    passed = {
        keyword.value.id
        for call in ast.walk(function)
        if isinstance(call, ast.Call)
        for keyword in call.keywords
        if keyword.arg == "rule" and isinstance(keyword.value, ast.Name)
    }
    arguments = [argument.arg for argument in function.args.args]
    return next((arguments.index(name) for name in passed if name in arguments), None)


def in_tables() -> set[str]:
    return {row.rule for row in ROWS} | {f"standing-{rule.number}" for rule in standing.RULES}


def sentences(path: Path, calls: Iterable[str]) -> Iterator[str]:
    """What is said first in calls of these, with `{}` where a value is put in."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in calls:
            said = [keyword.value for keyword in node.keywords if keyword.arg in ("why", "note")]
            yield from (_sentence(value) for value in [*said, *node.args[:1]])


def _sentence(value: ast.expr) -> str:
    parts = value.values if isinstance(value, ast.JoinedStr) else [value]
    return "".join(
        part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else "{}"
        for part in parts
    )


def test_whatever_the_sources_can_name_has_a_page_and_no_page_is_dead() -> None:
    nameable = {name for name in in_sources() if name} | in_tables()
    named = of(Family.STANDING, Family.DECISION, Family.ABSENCE, Family.HOST) - NAMED_ELSEWHERE
    named |= ALSO_NAMED
    assert nameable == named


@given(worlds())
def test_whatever_a_pass_names_has_a_page(world: World) -> None:
    assert {decision.rule for decision in world.plan().decisions} <= CATALOGUE.keys()


def test_every_check_of_a_proof_has_a_page_and_every_page_is_of_a_check() -> None:
    reasons = {check.reason for checks in CHECKS.values() for check in checks}
    reasons |= {check.reason for check in CLEARANCE_CHECKS}
    assert says(Family.PROOF) == reasons | {"is never ours to act on"}


def test_every_refusal_of_an_agent_has_a_page_and_every_page_is_of_a_refusal() -> None:
    loop = parsed(PACKAGE / "agent" / "loop.py")
    said = says(Family.GUARD)
    assert said >= GUARD
    assert said - GUARD <= set(constants(loop))


@pytest.mark.parametrize(
    ("path", "calls", "family"),
    [
        ("reconcile/moves.py", ("Move",), Family.MOVE),
        *(
            (f"server/requests/{module}.py", ("Refused", "Unavailable", "NotFound"), Family.REQUEST)
            for module in REQUESTS
        ),
    ],
)
def test_every_refusal_in_words_is_of_a_page(
    path: str, calls: tuple[str, ...], family: Family
) -> None:
    for said in sentences(PACKAGE / path, calls):
        if said not in ("{}", "the quarantine can't be left: {}") and "since the quar" not in said:
            assert spoken(said.replace("{}", "it"), family), said


def test_the_words_of_every_page_are_said_somewhere() -> None:
    """Each fixed part of them stands in some source; `test_bounds` has those put together."""
    sources = [path for path in files(PACKAGE, ".py") if "pages" not in path.parts]
    text = "\n".join(said for path in sources for said in constants(parsed(path)))
    for page in CATALOGUE.values():
        if page.family not in (Family.LIMIT, Family.IDLE):
            parts = [part for part in re.split(r"\{.*?\}", page.says) if part]
            assert [part for part in parts if part not in text] == [], page.name


def test_the_first_words_that_are_said_count() -> None:
    both = "stop withheld: rejected by anna; held for a person as plan 1"
    found = spoken(both, Family.HOLD)
    assert found is not None
    assert found.name == "rejected"
    assert spoken(both, Family.IDLE) is None
    assert spoken("", *Family) is None


def test_braces_stand_for_anything_in_between() -> None:
    found = spoken("the host is suspect, not up", Family.IDLE)
    assert found is not None
    assert found.name == "host-not-up"
    assert spoken("not up, the host is", Family.IDLE) is None


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_page_is_whole(name: str) -> None:
    page = CATALOGUE[name]
    assert page.name == name
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)
    assert set(page.laws) <= LAWS.keys()
    for words in (page.when, page.follows, page.why, page.remedy):
        assert words[-1] in ".:`" or words.endswith("...`."), words
        assert "\n" not in words


def test_families_stand_together_in_their_order() -> None:
    order = [page.family for page in CATALOGUE.values()]
    assert list(dict.fromkeys(order)) == list(FAMILIES)
    assert order == sorted(order, key=list(FAMILIES).index)


def test_the_page_of_all_rules_is_up_to_date() -> None:
    assert OUTPUT.read_text(encoding="utf-8") == render(), "run: python -m tools.rules"
