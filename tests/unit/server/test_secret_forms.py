"""What is taken as a secret, and what is shown of it: a fingerprint, and nothing else."""

import subprocess
from pathlib import Path

import pytest

from tests.keypairs import Authority, Login
from vmuster.model.errors import Refused
from vmuster.model.keys import CredentialKind
from vmuster.server.secret_forms import SECRET_BYTES_MAX, normal, shown, tls_set

SSH, TLS = CredentialKind.SSH, CredentialKind.TLS


def key_file(folder: Path, *options: str) -> Path:
    file = folder / "key"
    command = ["ssh-keygen", "-q", "-f", str(file), *(options or ("-N", "", "-t", "ed25519"))]
    subprocess.run(command, check=True)
    return file


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
@pytest.mark.parametrize("form", ["RFC4716", "PKCS8", "PEM"])
def test_a_key_is_shown_by_the_fingerprint_that_ssh_shows(
    tmp_path: Path, kind: str, form: str
) -> None:
    file = key_file(tmp_path, "-N", "", "-t", kind, "-m", form)
    said = subprocess.run(
        ["ssh-keygen", "-l", "-f", str(file)], capture_output=True, text=True, check=True
    ).stdout
    assert shown(SSH, normal(file.read_bytes())).split()[1] == said.split()[1]


def test_a_key_with_a_passphrase_is_refused(tmp_path: Path) -> None:
    file = key_file(tmp_path, "-N", "open sesame", "-t", "ed25519")
    with pytest.raises(Refused, match="passphrase"):
        shown(SSH, file.read_bytes())


def test_what_is_no_key_is_refused_and_not_repeated() -> None:
    whole = Login().private
    middle = whole.splitlines()[1]
    for secret in (b"", b"canary", whole.replace(middle, middle[:20] + b"canary"), b"\xff\0"):
        with pytest.raises(Refused, match="no private key") as refused:
            shown(SSH, normal(secret))
        assert "canary" not in str(refused.value)
        assert refused.value.__cause__ is None
    with pytest.raises(Refused, match="at most"):
        shown(SSH, whole + b"\n" * SECRET_BYTES_MAX)


def test_lines_end_as_ssh_wants_them() -> None:
    whole = Login().private
    assert normal(b"\r\n" + whole.strip().replace(b"\n", b"\r\n")) == whole


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_a_tls_set_in_any_order(order: tuple[int, ...]) -> None:
    authority = Authority("one")
    certificate, key = authority.client()
    parts = [authority.certificate, certificate, key]
    made = tls_set(normal(b"".join(parts[place] for place in order)))
    assert (made.authority, made.certificate, made.key) == tuple(parts)
    assert key.decode() not in repr(made)
    assert "valid until" in shown(TLS, normal(b"".join(parts)))


def test_a_tls_set_that_lacks_a_part_is_refused() -> None:
    authority = Authority("one")
    certificate, key = authority.client()
    other, _ = authority.client()
    trust = authority.certificate
    for secret, why in (
        (trust + certificate, "one private key"),
        (trust + certificate + key + key, "one private key"),
        (trust + key, "belongs to its private key"),
        (trust + other + key, "belongs to its private key"),
        (certificate + key, "authority to trust"),
        (b"", "one private key"),
        (trust.replace(b"M", b"_") + certificate + key, "can't be read"),
    ):
        with pytest.raises(Refused, match=why):
            shown(TLS, normal(secret))
