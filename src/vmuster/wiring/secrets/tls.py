"""The server's side of TLS: which certificate it shows, and how it comes by a new one.

TLS 1.3 and nothing older: whatever speaks to this API (our client, browsers, Prometheus, curl) has
spoken it for years. A new certificate is put into the context that listens: connections that
are open stay as they are, the next one sees it.
"""

import datetime
import ipaddress
import ssl
import stat
from pathlib import Path
from typing import Final

import msgspec
import structlog
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from vmuster.model.errors import Refused
from vmuster.ports.clock import Clock
from vmuster.wiring.secrets.certificates import OwnAuthority, names_of
from vmuster.wiring.settings import places
from vmuster.wiring.settings.table import Settings

_log = structlog.get_logger("vmuster.tls")
LOOKED_SECONDS: Final = 3600.0
"""Between two looks at the certificate while the server runs."""
_WARNED_DAYS: Final = 14
_READABLE: Final = stat.S_IWGRP | stat.S_IRWXO
"""What nobody but its owner may do with a key, and its group may not change."""


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """By what a client on this machine knows the server, as `client.toml` says it."""

    ca: str = ""
    fingerprint: str = ""


def needed(settings: Settings) -> bool:
    """Whether a server with these settings speaks TLS."""
    return settings.tls_cert is not None or not ipaddress.ip_address(settings.host).is_loopback


class Tls:
    """One server's TLS. `context` listens; it has a certificate once `refresh` was called, that is
    good until `ends_at`."""

    def __init__(self, clock: Clock) -> None:
        self.context = _context()
        self.known = Known()
        self.ends_at = 0.0
        self._clock = clock
        self._shown = ""

    def refresh(self, settings: Settings) -> bool:
        """Show the certificate that the files hold now; an own one is renewed first, where due.
        Whether it is another one than before.

        Raises `Refused` or `Corrupt` where there is none to show; then the one before is shown on.
        """
        if settings.tls_cert is not None and settings.tls_key is not None:
            certificate, key = settings.tls_cert, settings.tls_key
            _check_key(key)
        else:
            own = OwnAuthority(settings.state_dir / places.TLS)
            own.renew(names_of(settings.host, settings.tls_names), self._clock.now())
            certificate = key = own.server
        fingerprint = self._load(certificate, key)
        given = settings.tls_cert is not None
        self.known = Known(fingerprint=fingerprint) if given else Known(ca=places.OWN_CA)
        fresh, self._shown = fingerprint != self._shown, fingerprint
        return fresh

    def _load(self, certificate: Path, key: Path) -> str:
        """Put both into the context; the certificate's fingerprint."""
        try:
            _context().load_cert_chain(certificate, key, password=_nothing)
            found = x509.load_pem_x509_certificates(certificate.read_bytes())[0]
        except (OSError, ValueError) as error:
            raise Refused(
                f"{certificate} and {key} can't be used for TLS: {_why(error)}",
                hint="give a certificate and its own key, both as PEM, the key not encrypted",
            ) from error
        self._warn(found, certificate)
        self.context.load_cert_chain(certificate, key, password=_nothing)
        self.ends_at = found.not_valid_after_utc.timestamp()
        return found.fingerprint(hashes.SHA256()).hex()

    def _warn(self, found: x509.Certificate, file: Path) -> None:
        now = datetime.datetime.fromtimestamp(self._clock.now(), datetime.UTC)
        ends = found.not_valid_after_utc
        if ends - now < datetime.timedelta(days=_WARNED_DAYS):
            _log.warning("the certificate ends", ends=ends.isoformat(), file=str(file))


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context


def _nothing() -> str:
    """The password of a key that has none: nobody is asked for one on a terminal."""
    return ""


def _why(error: Exception) -> str:
    reason = getattr(error, "reason", None) or getattr(error, "strerror", None)
    return str(reason or "one of them is no PEM").replace("_", " ").lower()


def _check_key(key: Path) -> None:
    """Raise `Refused` where more than the key's owner and group can read it."""
    try:
        mode = key.stat().st_mode
    except OSError as error:
        raise Refused(f"tls_key {key} can't be read: {error.strerror}") from error
    if mode & _READABLE:
        raise Refused(
            f"others can read or write the key of the certificate, {key}",
            hint=f"chmod 0640 {key}; who has read it can pass for this server",
        )
