"""What is taken as a secret, and what is shown of it: a fingerprint, and nothing else."""

import subprocess
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_ssh_private_key,
)

from tests.keypairs import Authority, Login
from vmuster.model.errors import Refused
from vmuster.model.keys import CredentialKind
from vmuster.server.secrets.secret_forms import SECRET_BYTES_MAX, taken, tls_set

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
    kept, shown = taken(SSH, file.read_bytes())
    assert shown.split()[1] == said.split()[1]
    again = tmp_path / "kept"
    again.touch(0o600)
    again.write_bytes(kept)
    read = ["ssh-keygen", "-y", "-P", "", "-f", str(again)]
    assert subprocess.run(read, check=False, capture_output=True).returncode == 0


def test_a_key_that_other_tools_made_is_kept_as_ssh_reads_it() -> None:
    key = Ed25519PrivateKey.generate()
    kept, _ = taken(SSH, _pkcs8(key))
    assert kept.startswith(b"-----BEGIN OPENSSH PRIVATE KEY-----\n")
    assert load_ssh_private_key(kept, None).public_key() == key.public_key()


@pytest.mark.parametrize("curve", [ec.SECP256K1(), ec.SECP224R1(), ec.BrainpoolP256R1()])
def test_a_key_of_a_curve_that_ssh_has_not_is_refused(curve: ec.EllipticCurve) -> None:
    with pytest.raises(Refused, match="of this curve"):
        taken(SSH, _pkcs8(ec.generate_private_key(curve)))


def _pkcs8(key: Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def test_a_key_with_a_passphrase_is_refused(tmp_path: Path) -> None:
    file = key_file(tmp_path, "-N", "open sesame", "-t", "ed25519")
    with pytest.raises(Refused, match="passphrase"):
        taken(SSH, file.read_bytes())


def test_what_is_no_key_is_refused_and_not_repeated() -> None:
    whole = Login().private
    middle = whole.splitlines()[1]
    for secret in (b"", b"canary", whole.replace(middle, middle[:20] + b"canary"), b"\xff\0"):
        with pytest.raises(Refused, match="no private key") as refused:
            taken(SSH, secret)
        assert "canary" not in str(refused.value)
        assert refused.value.__cause__ is None
    with pytest.raises(Refused, match="at most"):
        taken(SSH, whole + b"\n" * SECRET_BYTES_MAX)


def test_lines_end_as_ssh_wants_them() -> None:
    authority = Authority("one")
    for kind, whole in (
        (SSH, Login().private),
        (TLS, authority.certificate + b"".join(authority.client())),
    ):
        kept, shown = taken(kind, b"\r\n" + whole.strip().replace(b"\n", b"\r\n"))
        assert shown == taken(kind, whole)[1]
        assert b"\r" not in kept
        assert kept.endswith(b"-----\n")


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_a_tls_set_in_any_order(order: tuple[int, ...]) -> None:
    authority = Authority("one")
    certificate, key = authority.client()
    parts = [authority.certificate, certificate, key]
    made = tls_set(taken(TLS, b"".join(parts[place] for place in order))[0])
    assert (made.authority, made.certificate, made.key) == tuple(parts)
    assert key.decode() not in repr(made)
    assert "valid until" in taken(TLS, b"".join(parts))[1]


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
            taken(TLS, secret)


@pytest.mark.parametrize("line", [b"-----BEGIN A-----\n", b"-----BEGIN CERTIFICATE-----\n", b"\n"])
def test_however_a_secret_begins_it_is_soon_read(line: bytes) -> None:
    whole = b"-----BEGIN A-----\n" + line * (SECRET_BYTES_MAX // len(line) - 1)
    begun = time.process_time()
    with pytest.raises(Refused, match="one private key"):
        tls_set(whole)
    assert time.process_time() - begun < 0.5
