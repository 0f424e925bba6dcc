"""The forms of a secret that opens a host: what is taken, what may be shown of it.

An ssh key is one private key without a passphrase: nobody is there to be asked for one. It is kept
in OpenSSH's own form, whatever form it came in: not every version reads every other. A TLS set
is three things in PEM, one after the other in any order: a private key, the client's certificate
that belongs to it, and the certificates of the authority to trust.
"""

import base64
import hashlib
import re
from collections.abc import Iterator
from typing import Final

import msgspec
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_ssh_private_key,
)

from vmuster.model.errors import Refused
from vmuster.model.keys import CredentialKind

SECRET_BYTES_MAX: Final = 1 << 16
_BEGIN: Final = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----\n")
_OPENSSH: Final = b"-----BEGIN OPENSSH PRIVATE KEY-----"

PrivateKey = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class TlsSet(msgspec.Struct, frozen=True, kw_only=True):
    """A client's certificate and key, and the authority's certificates; all in PEM."""

    authority: bytes
    certificate: bytes
    key: bytes

    def __repr__(self) -> str:
        """Without the key."""
        return "TlsSet(...)"


def taken(kind: CredentialKind, secret: bytes) -> tuple[bytes, str]:
    """A secret as it is kept, in the form that tools read, and what may be shown of it: its
    fingerprint, and nothing else.

    Raises `Refused`, in words that hold nothing of the secret, where it is not of its kind.
    """
    if len(secret) > SECRET_BYTES_MAX:
        raise Refused(f"a credential has at most {SECRET_BYTES_MAX} bytes")
    whole = secret.replace(b"\r\n", b"\n").strip() + b"\n"
    match kind:
        case CredentialKind.SSH:
            key = _private_key(whole)
            return _for_ssh(key), _shown_key(key)
        case CredentialKind.TLS:
            certificate = x509.load_pem_x509_certificate(tls_set(whole).certificate)
            until = certificate.not_valid_after_utc.date().isoformat()
            return whole, f"SHA256:{certificate.fingerprint(SHA256()).hex()}, valid until {until}"


def tls_set(secret: bytes) -> TlsSet:
    """The parts of a TLS secret as it is kept. Raises `Refused` where one is missing."""
    keys: list[bytes] = []
    certificates: list[bytes] = []
    for label, block in _blocks(secret):
        if label.endswith(b"PRIVATE KEY"):
            keys.append(block)
        elif label == b"CERTIFICATE":
            certificates.append(block)
    if len(keys) != 1:
        raise Refused("a TLS set has one private key, in PEM")
    public = _public(_private_key(keys[0]))
    own = [pem for pem in certificates if _certified(pem) == public]
    others = [pem for pem in certificates if pem not in own]
    if len(own) != 1:
        raise Refused("no certificate of this TLS set belongs to its private key")
    if not others:
        raise Refused("this TLS set holds no certificate of an authority to trust")
    return TlsSet(authority=b"".join(others), certificate=own[0], key=keys[0])


def _blocks(secret: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The label and the whole of each block in PEM, in one pass over the lines."""
    label, start, end = b"", 0, 0
    for line in secret.splitlines(keepends=True):
        begin = _BEGIN.fullmatch(line)
        if begin is not None:
            label, start = begin[1], end
        end += len(line)
        if label and line == b"-----END " + label + b"-----\n":
            yield label, secret[start:end]
            label = b""


def _private_key(pem: bytes) -> PrivateKey:
    load = load_ssh_private_key if pem.startswith(_OPENSSH) else load_pem_private_key
    try:
        key = load(pem, None)
    except TypeError:
        raise Refused(
            "this private key has a passphrase",
            hint="give one without: it is kept encrypted, and nobody is there to be asked",
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise Refused("this is no private key that can be read") from None
    if not isinstance(key, PrivateKey):
        raise Refused("a private key is of the kind Ed25519, ECDSA or RSA")
    return key


def _public(key: PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _certified(pem: bytes) -> bytes:
    """The public key that a certificate certifies."""
    try:
        key = x509.load_pem_x509_certificate(pem).public_key()
        return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except (ValueError, UnsupportedAlgorithm):
        raise Refused("a certificate of this TLS set can't be read") from None


def _for_ssh(key: PrivateKey) -> bytes:
    try:
        return key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    except (ValueError, UnsupportedAlgorithm):
        raise Refused(
            "ssh has no keys of this curve", hint="Ed25519, ECDSA on P-256, P-384 or P-521, or RSA"
        ) from None


def _shown_key(key: PrivateKey) -> str:
    line = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    kind, _, encoded = line.partition(b" ")
    digest = base64.b64encode(hashlib.sha256(base64.b64decode(encoded)).digest())
    return f"{kind.decode('ascii')} SHA256:{digest.decode('ascii').rstrip('=')}"
