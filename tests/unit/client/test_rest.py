"""Whatever answers, or does not, is told for what it is."""

import socket
import threading

import pytest

from tests.served import Served
from tests.unit.client.refusals import refused
from vmuster.client.errors import ClientError
from vmuster.client.profile import Profile
from vmuster.client.rest import Client
from vmuster.model.host import Host


def test_a_refusal_says_what_to_do(client: Client, world: Served, alpha: Host) -> None:
    vm = str(world.appear(alpha, "strange"))
    with pytest.raises(ClientError) as caught:
        client.stop(vm)
    error = caught.value
    assert (error.status, error.title) == (409, "Refused")
    assert "not ours" in error.detail
    assert error.hint == f"vmuster vm adopt {vm}"


def test_a_wrong_key_is_said(world: Served) -> None:
    with Client(Profile(url=world.url, key="wrong")) as client, refused(401):
        client.hosts()


def test_a_server_that_is_not_there_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    profile = Profile(url=f"http://127.0.0.1:{port}", key="k", found_in="state/client.toml")
    with Client(profile) as client, pytest.raises(ClientError, match="no server answers") as caught:
        client.hosts()
    assert "vmuster serve" in caught.value.hint
    assert "correct it in state/client.toml" in caught.value.hint


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "not vmuster's"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", "not vmuster's"),
        (b"", "gave no answer"),
    ],
)
def test_whoever_answers_something_else_is_no_server(
    monkeypatch: pytest.MonkeyPatch, answer: bytes, said: str
) -> None:
    monkeypatch.setattr("vmuster.client.talking._PAUSES", ())
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def speak() -> None:
            wire, _ = listener.accept()
            with wire:
                wire.recv(10_000)
                wire.sendall(answer)

        thread = threading.Thread(target=speak)
        thread.start()
        client = Client(Profile(url=f"http://127.0.0.1:{listener.getsockname()[1]}", key="k"))
        with client, pytest.raises(ClientError, match=said):
            client.host("alpha")
        thread.join(10)
        assert not thread.is_alive()
