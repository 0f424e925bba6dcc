"""Keys and certificates of one's own: what opens a host, and what signs for a fleet."""

import datetime
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from vmuster.server.secrets.signing import Signer
from vmuster.wiring.secrets.signing_keys import SigningKeys

_DAY = datetime.timedelta(days=1)


class Login:
    """A pair of ssh keys."""

    def __init__(self) -> None:
        private = Ed25519PrivateKey.generate()
        self.private = private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
        public = private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
        self.public = public.decode("ascii")


class Authority:
    """Certifies keys. `certificate` and what it makes is PEM."""

    def __init__(self, name: str) -> None:
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._key = ec.generate_private_key(ec.SECP256R1())
        signed = (
            self._draft(self._name, self._key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(authority=True), critical=True)
            .sign(self._key, SHA256())
        )
        self.certificate = signed.public_bytes(Encoding.PEM)

    def client(self, name: str = "vmuster") -> tuple[bytes, bytes]:
        """A client's certificate and its private key."""
        return self._certify(name, ExtendedKeyUsageOID.CLIENT_AUTH)

    def server(self) -> tuple[bytes, bytes]:
        """The certificate of a server on 127.0.0.1, and its private key."""
        return self._certify("127.0.0.1", ExtendedKeyUsageOID.SERVER_AUTH)

    def _certify(self, name: str, use: x509.ObjectIdentifier) -> tuple[bytes, bytes]:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
        signed = (
            self._draft(subject, key.public_key())
            .add_extension(x509.SubjectAlternativeName([address]), critical=False)
            .add_extension(x509.ExtendedKeyUsage([use]), critical=False)
            .add_extension(_usage(authority=False), critical=True)
            .sign(self._key, SHA256())
        )
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return signed.public_bytes(Encoding.PEM), private

    def _draft(self, subject: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _DAY)
            .not_valid_after(now + _DAY)
        )


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=not authority,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def first_key(path: Path) -> Signer:
    """The key of a fleet that was founded."""
    keys = SigningKeys(path)
    signer = keys.load(None)
    keys.settle(signer.key)
    return signer
