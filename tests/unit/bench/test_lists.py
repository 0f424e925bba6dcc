"""A page of VMs costs as many statements whatever it is asked for, and finds what is rare."""

from contextlib import AsyncExitStack

import pytest

from bench import lists
from bench.counting import counting
from bench.fleets import Shape
from bench.sizes import Sizes
from vmuster.model.states import PowerState
from vmuster.ports.store import VmQuery
from vmuster.server.answers.views import vm_page

pytestmark = pytest.mark.anyio
SHAPE = Shape(hosts=30, vms=10)
RARE = {
    "of a small cluster",
    "of the few that are stopped",
    "of the few that ought not",
    "of the few in phase stopped",
}


def questions_of(query: VmQuery) -> int:
    """What is seen and what is not, or records alone; of a name, what bears it and what shows it;
    and the hosts of them."""
    once = query.of_records or query.standing is not None
    return (1 if once else 2) + bool(query.name) + 1


async def test_a_page_takes_so_many_statements_and_no_more() -> None:
    async with AsyncExitStack() as stack:
        fleet = await lists.listed(stack, SHAPE)
        for question, query in lists.QUESTIONS.items():
            for after in (None, await fleet.middle(query)):
                with counting() as counts:
                    page, _ = await vm_page(fleet.store, 0.0, query, after=after, limit=lists.LIMIT)
                assert counts.statements.total() == questions_of(query) - (not page), question
                assert counts.commits == 0


async def test_what_is_rare_is_as_rare_in_any_fleet() -> None:
    async with AsyncExitStack() as stack:
        fleet = await lists.listed(stack, SHAPE)
        found = {
            question: len(await fleet.store.vms(query))
            for question, query in lists.QUESTIONS.items()
        }
        assert {question for question, many in found.items() if many == lists.RARE} == RARE
        assert found["of all"] == SHAPE.all_vms + lists.RARE
        assert found["of one host"] == SHAPE.vms
        assert found["of a name"] == 1
        after = await fleet.middle(lists.QUESTIONS["of the few that are stopped"])
        later = await fleet.store.vms(VmQuery(power=PowerState.STOPPED), after=after)
        assert len(later) == lists.RARE // 2 - 1


async def test_each_question_has_a_first_and_another_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    some = {name: lists.QUESTIONS[name] for name in ("of all", "of one host")}
    monkeypatch.setattr(lists, "QUESTIONS", some)
    result = await lists.run(Sizes(hosts=30, vms=10, repeats=1))
    assert len(result.rows) == 2 * len(some)
    assert all(row.value > 0 and row.goal == 1.5 for row in result.rows)
    assert "300 VMs, against 30" in result.rows[0].what
