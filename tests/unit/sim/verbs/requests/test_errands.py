"""Questions and rehearsals change nothing; keys and webhooks come and go."""

import pytest

from tests.spoken import Spoken, played
from vmuster.model.errors import NotFound
from vmuster.model.keys import ApiKey
from vmuster.model.webhooks import Webhook
from vmuster.sim.verbs.verb import Pointless


@pytest.mark.parametrize(
    "sentence",
    [
        "anna asks how the fleet is",
        "anna asks about the quarantine",
        "anna verifies the journal",
        "anna asks what was done to web",
        "anna asks what would be done on alpha",
        "anna rehearses a stop of web",
    ],
)
def test_who_asks_a_question_changes_nothing(sentence: str) -> None:
    async def main(small: Spoken) -> None:
        await small.say("web of ours runs on alpha")
        commits = [len(each.changes.entries) for each in small.ears.commits]
        await small.say(sentence)
        assert small.ears.requests[-1].operation is None
        assert [len(each.changes.entries) for each in small.ears.commits] == commits
        assert small.runs("web", "alpha")

    played(main)


def test_what_is_not_there_is_not_asked_about() -> None:
    async def main(small: Spoken) -> None:
        with pytest.raises(Pointless, match="no VM db"):
            await small.say("anna asks what was done to db")
        with pytest.raises(Pointless, match="no host gamma"):
            await small.say("anna asks what would be done on gamma")

    played(main)


def test_keys_are_made_and_revoked() -> None:
    async def main(small: Spoken) -> None:
        rows = small.world.database.rows
        await small.say("anna makes an API key carol")
        assert [key.created_by for key in await rows.find(ApiKey)] == ["anna"]
        await small.say("bert revokes the API key carol")
        assert await rows.find(ApiKey) == []
        with pytest.raises(NotFound):
            await small.say("bert revokes the API key carol")

    played(main)


def test_webhooks_are_added_and_removed() -> None:
    async def main(small: Spoken) -> None:
        rows = small.world.database.rows
        await small.say("anna adds webhook pager")
        assert [hook.name for hook in await rows.find(Webhook)] == ["pager"]
        await small.say("anna removes webhook pager")
        assert await rows.find(Webhook) == []
        with pytest.raises(NotFound):
            await small.say("anna removes webhook pager")

    played(main)
