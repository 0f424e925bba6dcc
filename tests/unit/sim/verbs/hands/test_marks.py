"""Marks in the hands of people: each is then what its sentence says."""

import pytest

from tests.spoken import Spoken, played
from vmuster.model.states import MarkVerdict
from vmuster.reconcile.ownership import judge_mark
from vmuster.sim.verbs.verb import Pointless

VERDICTS = {
    "somebody strips the mark of web on alpha": MarkVerdict.NONE,
    "somebody marks web on alpha for another fleet": MarkVerdict.FOREIGN,
    "somebody forges a mark of web on alpha": MarkVerdict.FORGED,
    "somebody gives web on alpha the mark of db": MarkVerdict.COPIED,
}


async def verdicts(small: Spoken) -> set[MarkVerdict]:
    """What the mark of web is, live and stored."""
    fleet, domain = await small.fleet(), small.domain("web", "alpha")
    assert domain is not None
    marks = (domain.config_mark, domain.live_mark) if domain.active else (domain.config_mark,)
    return {judge_mark(m, domain.uuid, fleet.id, fleet.public_keys).verdict for m in marks}


@pytest.mark.parametrize("how", ["runs", "is stopped"])
@pytest.mark.parametrize("sentence", VERDICTS)
def test_a_mark_is_written_over(sentence: str, how: str) -> None:
    async def main(small: Spoken) -> None:
        await small.say(f"web of ours {how} on alpha", "db of ours runs on alpha")
        assert await verdicts(small) == {MarkVerdict.OURS}
        await small.say(sentence)
        assert await verdicts(small) == {VERDICTS[sentence]}

    played(main)


def test_where_there_is_no_mark_there_is_nothing_to_strip_or_to_copy() -> None:
    async def main(small: Spoken) -> None:
        await small.say("web runs on alpha", "db runs on alpha")
        for sentence, why in (
            ("somebody strips the mark of web on alpha", "web bears no mark"),
            ("somebody gives web on alpha the mark of db", "db has no mark"),
            ("somebody gives web on alpha the mark of web", "web has no mark"),
        ):
            with pytest.raises(Pointless, match=why):
                await small.say(sentence)

    played(main)


@pytest.mark.parametrize(
    ("how", "sentence", "other"),
    [
        (
            "is stopped",
            "somebody restores an old copy of web on alpha",
            "somebody reverts web on alpha to a snapshot",
        ),
        (
            "runs",
            "somebody reverts web on alpha to a snapshot",
            "somebody restores an old copy of web on alpha",
        ),
    ],
)
def test_an_earlier_mark_is_back(how: str, sentence: str, other: str) -> None:
    async def main(small: Spoken) -> None:
        await small.say(f"web of ours {how} on alpha")
        domain = small.domain("web", "alpha")
        assert domain is not None
        first = domain.mark
        with pytest.raises(Pointless, match="no earlier mark"):
            await small.say(sentence)
        await small.say("anna releases web")
        await small.settled()
        await small.say("anna adopts web")
        await small.settled()
        assert domain.mark not in (None, first)
        with pytest.raises(Pointless):
            await small.say(other)
        await small.say(sentence)
        assert domain.mark == domain.config_mark == first

    played(main)
