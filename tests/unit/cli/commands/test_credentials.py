"""`vmuster credential`: files in, fingerprints out."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.api.routes.test_credentials import ssh_key
from tests.unit.cli.conftest import Run


def test_a_credential_comes_from_a_file(data: Callable[..., Any], run: Run, tmp_path: Path) -> None:
    file = tmp_path / "id_ed25519"
    file.write_text(ssh_key()["key"])
    kept = data("credential", "add", "c1", "--ssh-key", str(file))
    assert (kept["name"], kept["kind"]) == ("c1", "ssh")
    assert "SHA256:" in run("credential", "list").stdout
    assert data("credential", "list") == [kept]
    refused = run("credential", "remove", "c1")
    assert (refused.exit_code, "--yes" in refused.stderr) == (1, True)
    assert data("credential", "remove", "c1", "--yes") == kept
    assert "c1" in run("credential", "remove", "c1", "--yes").stderr


def test_a_secret_may_come_through_a_pipe(run: Run) -> None:
    given = run("credential", "add", "c2", "--ssh-key", "-", input=ssh_key()["key"])
    assert given.exit_code == 0
    again = ("credential", "add", "c2", "--ssh-key", "-")
    refused = run(*again, input=ssh_key()["key"])
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "is there already, ssh-ed25519 SHA256:" in refused.stderr
    assert run(*again, "--yes", input=ssh_key()["key"]).exit_code == 0


@pytest.mark.parametrize(
    "options",
    [(), ("--tls-ca", "f"), ("--ssh-key", "f", "--tls-ca", "f"), ("--ssh-key", "none")],
    ids=str,
)
def test_what_is_needed_must_be_said(
    monkeypatch: pytest.MonkeyPatch, run: Run, tmp_path: Path, options: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("f").write_text("x")
    assert run("credential", "add", "c3", *options).exit_code == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"CANARY", "private key"),
        (b"\xffCANARY", "no PEM text"),
        (b"CANARY" * 20_000, "longer than"),
    ],
    ids=["no key", "no text", "too long"],
)
def test_no_error_repeats_a_secret(run: Run, tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "key"
    file.write_bytes(content)
    options = ("--tls-ca", str(file), "--tls-cert", str(file), "--tls-key", str(file))
    for chosen in (("--ssh-key", str(file)), options):
        result = run("credential", "add", "c4", *chosen)
        assert (result.exit_code, result.stdout) == (1, "")
        assert said in result.stderr
        assert "CANARY" not in result.stderr
