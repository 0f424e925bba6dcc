"""A server is known by a CA or by its very certificate; and by nothing else."""

import hashlib
import socket
import ssl
import threading
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.keypairs import Authority
from vmuster.client.errors import ClientError
from vmuster.client.profile import Profile
from vmuster.client.rest import Client
from vmuster.client.trust import trust, untrusted

_NONE = b'{"items":[],"next":null}'
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 24\r\nConnection: close\r\n\r\n" + _NONE


class TlsServer:
    """Answers every question with an empty list, and keeps what it was sent."""

    def __init__(self, folder: Path) -> None:
        authority = Authority("test")
        certificate, key = authority.server()
        self.ca = folder / "ca.pem"
        self.ca.write_bytes(authority.certificate)
        (folder / "crt.pem").write_bytes(certificate)
        (folder / "key.pem").write_bytes(key)
        self.fingerprint = hashlib.sha256(
            ssl.PEM_cert_to_DER_cert(certificate.decode())
        ).hexdigest()
        self.received: list[bytes] = []
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(folder / "crt.pem", folder / "key.pem")
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            with plain:
                plain.settimeout(10)
                try:
                    with self._context.wrap_socket(plain, server_side=True) as secure:
                        self.received.append(secure.recv(65536))
                        secure.sendall(OK)
                except OSError:
                    continue


@pytest.fixture
def server(tmp_path: Path) -> Generator[TlsServer]:
    server = TlsServer(tmp_path)
    yield server
    server.close()


def asked(profile: Profile) -> list[object]:
    with Client(profile) as client:
        return list(client.hosts())


def keys_received(server: TlsServer) -> int:
    return sum(b"Bearer" in request for request in server.received)


def test_it_is_known_by_its_own_ca(server: TlsServer) -> None:
    assert asked(Profile(url=server.url, key="k", ca=str(server.ca))) == []
    assert keys_received(server) == 1


@pytest.mark.parametrize("written", ["{}", "SHA256:{}", "colons"])
def test_it_is_known_by_its_fingerprint(server: TlsServer, written: str) -> None:
    upper = server.fingerprint.upper()
    colons = ":".join(upper[at : at + 2] for at in range(0, len(upper), 2))
    fingerprint = colons if written == "colons" else written.format(server.fingerprint)
    assert asked(Profile(url=server.url, key="k", fingerprint=fingerprint)) == []
    assert keys_received(server) == 1


def test_another_certificate_gets_no_key(server: TlsServer, tmp_path: Path) -> None:
    wrong = Profile(url=server.url, key="k", fingerprint="0" * 64)
    with pytest.raises(ClientError, match="shows another certificate"):
        asked(wrong)
    other = tmp_path / "other.pem"
    other.write_bytes(Authority("other").certificate)
    for profile in (
        Profile(url=server.url, key="k", ca=str(other)),
        Profile(url=server.url, key="k"),
    ):
        with pytest.raises(ClientError, match="not known by its certificate") as caught:
            asked(profile)
        assert "--ca" in caught.value.hint
    assert keys_received(server) == 0


def test_a_fingerprint_holds_for_the_connection_that_bears_the_key(
    server: TlsServer, tmp_path: Path
) -> None:
    """Whoever shows the right certificate first and another one later gets no key."""
    (tmp_path / "impostor").mkdir()
    impostor = TlsServer(tmp_path / "impostor")
    verify = trust(Profile(url=server.url, key="k", fingerprint=server.fingerprint))
    assert isinstance(verify, ssl.SSLContext)
    place = ("127.0.0.1", int(impostor.url.rpartition(":")[2]))
    with (
        socket.create_connection(place, timeout=10) as plain,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        verify.wrap_socket(plain, server_hostname="127.0.0.1")
    impostor.close()


def test_without_tls_nothing_is_loaded() -> None:
    assert trust(Profile(url="http://127.0.0.1:1", key="k")) is False
    assert trust(Profile(url="https://example.org", key="k")) is True


def test_a_ca_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ClientError, match="can't be told whether"):
        trust(Profile(url="https://127.0.0.1:1", key="k", ca=str(tmp_path / "none.pem")))


def test_other_errors_are_no_question_of_trust() -> None:
    profile = Profile(url="https://127.0.0.1:1", key="k")
    assert untrusted(profile, ConnectionRefusedError()) is None
    assert untrusted(profile, None) is None
