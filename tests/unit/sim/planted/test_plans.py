"""Plans: what comes in a row, in which order, about whom."""

import pytest

from vmuster.sim.engine.chance import Chance
from vmuster.sim.planted import plans
from vmuster.sim.planted.plans import Plan, in_a_row
from vmuster.sim.seeds.casting import Cast
from vmuster.sim.verbs.grammar import GRAMMAR

CAST = Cast(
    hosts=("alpha", "beta", "gamma", "delta"),
    far=frozenset({"alpha"}),
    vms={"web": "alpha", "db": "beta", "mail": "delta"},
)
PLANS: tuple[Plan, ...] = (
    plans.spoilt,
    plans.stopped_everywhere,
    plans.half_dark,
    plans.approved,
    plans.set_back,
    plans.installed,
    plans.dying,
    plans.while_slow,
    plans.another_policy,
    plans.stopped_while_slow,
    plans.namesake,
    plans.older,
)


def sentences(plan: Plan, seed: int = 1) -> list[tuple[float, str]]:
    steps = plan(CAST, Chance(seed), 100.0)
    return [(step.at or 0.0, GRAMMAR.sentence(step)) for step in steps]


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("seed", range(5))
def test_a_plan_is_made_of_sentences_that_can_be_read_and_begins_in_its_time(
    plan: Plan, seed: int
) -> None:
    told = sentences(plan, seed)
    assert told
    for at, sentence in told:
        assert at >= 100.0
        assert GRAMMAR.step(sentence, at).at == at


@pytest.mark.parametrize("plan", PLANS)
def test_the_same_chance_gives_the_same_plan(plan: Plan) -> None:
    assert sentences(plan) == sentences(plan)


def test_events_in_a_row_are_about_one_vm() -> None:
    plan = in_a_row(
        (0.0, "somebody copies {vm} from {host} to {other}", ""),
        (30.0, "somebody deletes {vm} on {host}", "host=other"),
        (40.0, "somebody clones {vm} on {host} as {copy}", ""),
        (50.0, "somebody deletes {vm} on {host}", "vm=copy"),
    )
    copied, deleted, cloned, gone = plan(CAST, Chance(3), 100.0)
    vm, host, other = copied.words
    assert (host, deleted.words) == (CAST.vms[vm], (vm, other))
    assert cloned.words == (vm, host, f"copy-of-{vm}")
    assert gone.words == (f"copy-of-{vm}", host)
    assert [step.at for step in (copied, deleted, cloned, gone)] == [100.0, 130.0, 140.0, 150.0]


def test_a_far_agent_dies_alone_and_a_near_one_with_its_server() -> None:
    deaths = {told[-1][1] for seed in range(30) if (told := sentences(plans.dying, seed))}
    assert deaths == {"the agent of alpha is killed", "the server is restarted"}


def test_only_hosts_with_power_have_vms_stopped_while_others_are_dark() -> None:
    told = [sentence for _, sentence in sentences(plans.half_dark)]
    dark = {sentence.split()[0] for sentence in told if sentence.endswith("loses power")}
    stopped = {sentence.split()[-1] for sentence in told if "stops" in sentence}
    assert len(dark) == 3
    assert not stopped & dark
