"""The command line and a server over TLS: whom it believes, and what it says where it does not."""

import os
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from tests.addresses import own_address
from tests.served_process import DEADLINE, PROGRAM, ServedProcess, serving
from vmuster.cli.main import cli
from vmuster.wiring.secrets.certificates import SERVER_DAYS, OwnAuthority

Ask = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Runs `vmuster status` in a context of this url, and of this CA where one is said."""

    def asked(url: str, ca: Path | None = None) -> subprocess.CompletedProcess[str]:
        folder = tmp_path / "config" / "vmuster"
        folder.mkdir(parents=True, exist_ok=True)
        lines = [f'url = "{url}"', 'key = "vmuster_x"', *([f'ca = "{ca}"'] if ca else [])]
        (folder / "contexts.toml").write_text("\n".join(['use = "x"', "[contexts.x]", *lines]))
        environ = {name: value for name, value in os.environ.items() if "VMUSTER" not in name}
        environ |= {"XDG_CONFIG_HOME": str(tmp_path / "config"), "VMUSTER_STATE_DIR": str(folder)}
        command = [*PROGRAM, "status"]
        return subprocess.run(  # noqa: PLW1510 - its status is what is looked at
            command, capture_output=True, text=True, env=environ, timeout=DEADLINE
        )

    return asked


def made(folder: Path, *names: str, days_ago: int = 0) -> OwnAuthority:
    """Files of an authority that vouches for these names since so many days."""
    own = OwnAuthority(folder)
    own.renew(names, time.time() - days_ago * 86_400)
    return own


def connected(served: ServedProcess, context: ssl.SSLContext) -> ssl.SSLSocket:
    """A connection to a server, over TLS."""
    parts = urlsplit(served.url)
    line = socket.create_connection((str(parts.hostname), parts.port or 0), DEADLINE)
    return context.wrap_socket(line, server_hostname=own_address())


def given(own: OwnAuthority) -> list[str]:
    files = ["--tls-cert", str(own.server), "--tls-key", str(own.server)]
    return ["--host", own_address(), *files]


def fingerprint(served: ServedProcess) -> str:
    """That of the certificate which a new connection is shown."""
    parts = urlsplit(served.url)
    shown = ssl.get_server_certificate((str(parts.hostname), parts.port or 0), timeout=DEADLINE)
    return x509.load_pem_x509_certificate(shown.encode()).fingerprint(hashes.SHA256()).hex()


def test_the_right_authority_is_believed_and_no_other(tmp_path: Path, ask: Ask) -> None:
    own, other = made(tmp_path / "own", own_address()), made(tmp_path / "other", own_address())
    with serving(tmp_path / "state", *given(own)) as served:
        assert "No valid key" in ask(served.url, own.ca).stderr
        for foreign in (other.ca, None):
            refused = ask(served.url, foreign)
            assert refused.returncode == 1
            assert "is not known by its certificate" in refused.stderr
            assert "what to do: copy tls/ca.crt" in refused.stderr
        old = ssl.create_default_context(cafile=own.ca)
        old.maximum_version = ssl.TLSVersion.TLSv1_2
        with pytest.raises(ssl.SSLError):
            connected(served, old)


@pytest.mark.parametrize(
    ("names", "days_ago", "what", "hint"),
    [
        ([], SERVER_DAYS + 1, "certificate has expired", "the server needs a new certificate"),
        (["other.example.org"], 0, "IP address mismatch", "tls_names"),
    ],
    ids=["expired", "name"],
)
def test_a_certificate_that_does_not_fit_is_said_in_words(
    tmp_path: Path, ask: Ask, names: list[str], days_ago: int, what: str, hint: str
) -> None:
    own = made(tmp_path / "own", *(names or [own_address()]), days_ago=days_ago)
    with serving(tmp_path / "state", *given(own)) as served:
        refused = ask(served.url, own.ca)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert what in refused.stderr
    assert hint in refused.stderr
    assert refused.stderr.count("\n") == 2


def test_a_given_certificate_is_replaced_without_dropping_a_connection(
    tmp_path: Path, ask: Ask
) -> None:
    own = made(tmp_path / "own", own_address())
    with serving(tmp_path / "state", *given(own)) as served:
        before = fingerprint(served)
        context = ssl.create_default_context(cafile=own.ca)
        with connected(served, context) as line:
            said(line)
            own.server.unlink()
            own.renew([own_address()], time.time())
            served.process.send_signal(signal.SIGHUP)
            served.event("another certificate is shown from now on")
            assert fingerprint(served) != before
            said(line)
        client = (tmp_path / "state" / "client.toml").read_text()
        assert f'fingerprint = "{fingerprint(served)}"' in client


def said(line: ssl.SSLSocket) -> None:
    """Ask and be answered on a connection that stays."""
    line.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
    answer = b""
    while not answer.endswith(b"ok"):
        more = line.recv(4096)
        assert more, "the connection was dropped"
        answer += more


def test_who_speaks_without_tls_to_it_or_with_tls_to_others_is_told_so(
    tmp_path: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vmuster.client.talking._PAUSES", ())
    own = made(tmp_path / "own", "127.0.0.1")
    files = ["--tls-cert", str(own.server), "--tls-key", str(own.server)]
    with serving(tmp_path / "tls", *files) as served:
        words = ["status", "--url", served.url.replace("https", "http"), "--key", "k"]
        plain = CliRunner().invoke(cli, words)
        assert (plain.exit_code, plain.stdout) == (1, "")
        assert "if it speaks TLS, say https://" in plain.stderr
    with serving(tmp_path / "plain") as served:
        assert "speaks no TLS" in ask(served.url.replace("http", "https"), own.ca).stderr
