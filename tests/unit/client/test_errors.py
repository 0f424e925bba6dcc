"""An error tells the kind of trouble, and what happened where that is known."""

from vmuster.client.errors import ClientError


def test_it_is_one_line() -> None:
    assert str(ClientError("Refused", detail="it is foreign")) == "Refused: it is foreign"
    assert str(ClientError("no server answers")) == "no server answers"
