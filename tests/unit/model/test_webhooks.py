"""A webhook as it is printed by whoever logs it."""

from vmuster.model.journal import EntryKind
from vmuster.model.webhooks import Webhook


def test_neither_its_secret_nor_its_url_is_shown_by_accident() -> None:
    hook = Webhook(
        name="pager",
        url="https://hooks.example/CANARY",
        sealed=b"CANARY",
        kinds=(EntryKind.ALERT,),
        created_at=1.0,
    )
    assert f"{hook!r} {hook}" == "Webhook(name='pager') Webhook(name='pager')"
