"""An authority of our own for a server's certificate, where nobody gives one.

`ca.crt` is what clients are given; its key never leaves its file. The server's certificate lies
in one file with its key, so that no crash parts them. Keys are on P-256: what every client knows.
"""

import datetime
import ipaddress
import re
import socket
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from vmuster.model.errors import Corrupt, Refused
from vmuster.wiring.secrets.secret_files import check_secret, write_secret

SERVER_DAYS: Final = 90
"""A certificate that is stolen serves no longer; nobody notices a renewal."""
RENEWED_DAYS: Final = 30
"""Before the end of the server's certificate, as long as it takes to notice that it failed."""
CA_DAYS: Final = 3650
_CA_RENEWED_DAYS: Final = 2 * SERVER_DAYS
_SKEW: Final = datetime.timedelta(hours=1)
"""Clients whose clocks are slow believe it too."""
_DNS: Final = re.compile(
    r"(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?(?:\.[a-z0-9_]"
    r"(?:[a-z0-9_-]{0,61}[a-z0-9])?)*",
    re.IGNORECASE | re.ASCII,
)
_KEY_USES: Final = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)

_Key = ec.EllipticCurvePrivateKey


class OwnAuthority:
    """Keeps the files in `folder`: `ca.crt`, `ca.key` and `server.pem`."""

    def __init__(self, folder: Path) -> None:
        self.ca = folder / "ca.crt"
        self.server = folder / "server.pem"
        self._key = folder / "ca.key"

    def renew(self, names: Sequence[str], now: float) -> bool:
        """Make what is not there, is due, or is for other names; whether the server's was made.

        An authority that nears its end gets a new certificate for its old key: whoever knows the
        old one is none the worse for it. Raises `Refused` where its key is gone or open to others,
        `Corrupt` where it is none.
        """
        moment = datetime.datetime.fromtimestamp(now, datetime.UTC)
        self.ca.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = self._authority_key()
        if not self.ca.exists() or _due(_read(self.ca), moment, _CA_RENEWED_DAYS):
            write_secret(self.ca, _pem(_authority(key, moment)), 0o644)
        authority = _read(self.ca)
        if authority.public_key() != key.public_key():
            raise Corrupt(
                f"{self.ca} is not of {self._key}",
                hint="restore both from one backup; or remove both, and give every client the new"
                " ca.crt",
            )
        if self.server.exists() and self._is_good(authority, names, moment):
            return False
        fresh = ec.generate_private_key(ec.SECP256R1())
        made = _for_server(fresh, names, authority, key, moment)
        write_secret(self.server, _private_pem(fresh) + _pem(made), 0o400)
        return True

    def _authority_key(self) -> _Key:
        if not self._key.exists():
            if self.ca.exists():
                raise Refused(
                    f"the key of our certificate authority, {self._key}, is gone",
                    hint="restore it; or remove ca.crt too, and give every client the new one",
                )
            write_secret(self._key, _private_pem(ec.generate_private_key(ec.SECP256R1())), 0o400)
        check_secret(self._key, what="the key of our certificate authority", harm=_HARM)
        try:
            key = serialization.load_pem_private_key(self._key.read_bytes(), password=None)
        except (ValueError, TypeError) as error:
            raise Corrupt(f"{self._key} is no key", hint="restore it from its copy") from error
        if not isinstance(key, _Key):
            raise Corrupt(f"{self._key} is no key of ours", hint="restore it from its copy")
        return key

    def _is_good(
        self, authority: x509.Certificate, names: Iterable[str], now: datetime.datetime
    ) -> bool:
        check_secret(self.server, what="the key of the server's certificate", harm=_HARM)
        try:
            found = _read(self.server)
            found.verify_directly_issued_by(authority)
            shown = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except Exception:  # whatever is wrong with it: another one is made
            return False
        return not _due(found, now, RENEWED_DAYS) and list(shown) == _alternatives(names)


_HARM: Final = (
    "whoever has read it can pass for this server: remove the folder's files, and give"
    " every client the new ca.crt"
)


def names_of(host: str, more: Sequence[str]) -> list[str]:
    """The names and addresses that a server at this address answers to, each once."""
    listen = ipaddress.ip_address(host)
    address = [] if listen.is_unspecified else [str(listen)]
    machine = socket.gethostname()
    own = [machine] if _DNS.fullmatch(machine) else []
    for name in more:
        if not _is_address(name) and _DNS.fullmatch(name) is None:
            raise Refused(f"tls_names: {name} is neither a name nor an address")
    return list(dict.fromkeys([*address, *more, *own, "localhost", "127.0.0.1", "::1"]))


def _authority(key: _Key, now: datetime.datetime) -> x509.Certificate:
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    name = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, f"vmuster CA {identifier.digest.hex()[:16]}")]
    )
    return (
        _begun(name, name, key.public_key(), now, CA_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_uses("key_cert_sign", "crl_sign"), critical=True)
        .add_extension(identifier, critical=False)
        .sign(key, hashes.SHA256())
    )


def _for_server(
    key: _Key,
    names: Sequence[str],
    authority: x509.Certificate,
    authority_key: _Key,
    now: datetime.datetime,
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "vmuster")])
    signer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    return (
        _begun(subject, authority.subject, key.public_key(), now, SERVER_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_uses("digital_signature"), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(_alternatives(names)), critical=False)
        .add_extension(signer, critical=False)
        .sign(authority_key, hashes.SHA256())
    )


def _begun(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    now: datetime.datetime,
    days: int,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SKEW)
        .not_valid_after(now + datetime.timedelta(days=days))
    )


def _uses(*wanted: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{use: use in wanted for use in _KEY_USES})


def _alternatives(names: Iterable[str]) -> list[x509.GeneralName]:
    return [
        x509.IPAddress(ipaddress.ip_address(name)) if _is_address(name) else x509.DNSName(name)
        for name in names
    ]


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _due(certificate: x509.Certificate, now: datetime.datetime, days: int) -> bool:
    """Whether it ends in so many days, or is not good yet: our clock was set back."""
    ends = certificate.not_valid_after_utc - datetime.timedelta(days=days)
    return not certificate.not_valid_before_utc <= now < ends


def _read(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except ValueError as error:
        raise Corrupt(f"{path} is no certificate", hint="restore it from its copy") from error


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _private_pem(key: _Key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
