"""By what a server is known over TLS: a public authority, its own CA, or its very certificate."""

import hashlib
import hmac
import ssl
from typing import Final
from urllib.parse import urlsplit

from vmuster.client.errors import ClientError
from vmuster.client.profile import Profile

_PATIENCE_SECONDS = 10.0
_STRANGER: Final = (
    "copy tls/ca.crt of the server's state folder to this machine and say --ca FILE or"
    " --fingerprint with 'vmuster context add'; do not go on if it was known before"
)
_OUT_OF_TIME: Final = (
    "if this machine's clock is right, the server needs a new certificate: its own it renews by"
    " itself, one that was given is put into its files, and the server told by SIGHUP"
)
_OTHER_NAME: Final = (
    "ask it by a name that its certificate has; for others, list them in the server's tls_names"
)
_HINTS: Final = {9: _OUT_OF_TIME, 10: _OUT_OF_TIME, 62: _OTHER_NAME, 64: _OTHER_NAME}
"""What to do, by OpenSSL's number for what is wrong: not yet valid, expired, host, address."""
_NO_TLS: Final = frozenset(
    {"WRONG_VERSION_NUMBER", "TLSV1_ALERT_PROTOCOL_VERSION", "RECORD_LAYER_FAILURE"}
)


def trust(profile: Profile) -> ssl.SSLContext | bool:
    """What to verify a server by: what httpx calls `verify`.

    A fingerprint is compared with the certificate that is shown, over a connection that says
    nothing; the connection that bears the key then takes that very certificate and no other.
    Raises `ClientError`.
    """
    if urlsplit(profile.url).scheme == "http":
        return False
    if not profile.ca and not profile.fingerprint:
        return True
    try:
        if profile.ca:
            return ssl.create_default_context(cafile=profile.ca)
        return _only(_shown(profile))
    except OSError as error:
        raise ClientError(
            f"it can't be told whether {profile.url} is the server that is meant",
            detail=str(error),
            hint="is the server there, and the file of its CA? see 'vmuster context show'",
        ) from error


def untrusted(profile: Profile, error: BaseException | None) -> ClientError | None:
    """What to say where a connection failed because the server is not known by its certificate."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return ClientError(
                f"{profile.url} is not known by its certificate",
                detail=error.verify_message,
                hint=_HINTS.get(error.verify_code, _STRANGER),
            )
        if isinstance(error, ssl.SSLError) and error.reason in _NO_TLS:
            return ClientError(
                f"what answers at {profile.url} speaks no TLS, or none that is new enough",
                detail=error.reason.replace("_", " ").lower(),
                hint="is the port right? A server on loopback is asked over http://",
            )
        error = error.__cause__ or error.__context__
    return None


def _shown(profile: Profile) -> str:
    """The certificate that the server shows (PEM), if it has the fingerprint."""
    parts = urlsplit(profile.url)
    place = (parts.hostname or "", parts.port or 443)
    shown = ssl.get_server_certificate(place, timeout=_PATIENCE_SECONDS)
    found = hashlib.sha256(ssl.PEM_cert_to_DER_cert(shown)).hexdigest()
    wanted = profile.fingerprint.lower().removeprefix("sha256:").replace(":", "")
    if not hmac.compare_digest(found.encode(), wanted.encode()):
        raise ClientError(
            f"{profile.url} shows another certificate than the one that is known",
            detail=f"its fingerprint is {found}",
            hint="somebody else may be answering; if the server was given a new certificate, say"
            " its fingerprint with 'vmuster context add'",
        )
    return shown


def _only(certificate: str) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=certificate)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context
