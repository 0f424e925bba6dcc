"""Which certificate a server shows, and when it is another one."""

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from tests.clocks import HandClock
from vmuster.model.errors import Refused
from vmuster.wiring.secrets.certificates import RENEWED_DAYS, SERVER_DAYS, OwnAuthority
from vmuster.wiring.secrets.tls import Tls, needed
from vmuster.wiring.settings.table import Settings

DAY = 86_400.0


@pytest.fixture
def clock() -> HandClock:
    return HandClock(1_800_000_000.0)


def given(folder: Path, clock: HandClock) -> Settings:
    """Settings with a certificate and its key, each in a file of its own."""
    own = OwnAuthority(folder / "given")
    own.renew(["192.0.2.7"], clock.now())
    pem = own.server.read_bytes()
    at = pem.index(b"-----BEGIN CERTIFICATE")
    certificate, key = folder / "server.crt", folder / "server.key"
    certificate.write_bytes(pem[at:])
    key.write_bytes(pem[:at])
    key.chmod(0o640)
    return Settings(state_dir=folder, host="192.0.2.7", tls_cert=certificate, tls_key=key)


@pytest.mark.parametrize(
    ("settings", "tls"),
    [
        (Settings(), False),
        (Settings(host="::1"), False),
        (Settings(host="192.0.2.7"), True),
        (Settings(host="0.0.0.0"), True),
        (Settings(host="::"), True),
        (Settings(tls_cert=Path("a"), tls_key=Path("b")), True),
    ],
)
def test_off_loopback_there_is_no_way_without_it(settings: Settings, tls: bool) -> None:
    assert needed(settings) is tls


def test_an_own_certificate_is_made_kept_and_renewed(tmp_path: Path, clock: HandClock) -> None:
    tls, settings = Tls(clock), Settings(state_dir=tmp_path, host="192.0.2.7")
    assert tls.refresh(settings)
    assert (tls.known.ca, tls.known.fingerprint) == ("tls/ca.crt", "")
    assert (tmp_path / tls.known.ca).exists()
    assert not tls.refresh(settings)
    clock.pass_by((SERVER_DAYS - RENEWED_DAYS) * DAY)
    assert tls.refresh(settings)


def test_a_given_certificate_is_shown_and_known_by_itself(tmp_path: Path, clock: HandClock) -> None:
    tls, settings = Tls(clock), given(tmp_path, clock)
    assert tls.refresh(settings)
    assert settings.tls_cert is not None
    shown = x509.load_pem_x509_certificate(settings.tls_cert.read_bytes())
    assert tls.known.fingerprint == shown.fingerprint(hashes.SHA256()).hex()
    assert tls.known.ca == ""
    assert not (tmp_path / "tls").exists()


def _foreign(settings: Settings, folder: Path) -> None:
    other = OwnAuthority(folder / "other")
    other.renew(["192.0.2.7"], 1_800_000_000.0)
    assert settings.tls_key is not None
    settings.tls_key.write_bytes(other.server.read_bytes())


def _encrypted(settings: Settings, _folder: Path) -> None:
    assert settings.tls_key is not None
    key = serialization.load_pem_private_key(settings.tls_key.read_bytes(), None)
    settings.tls_key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"secret"),
        )
    )


def _open(settings: Settings, _folder: Path) -> None:
    assert settings.tls_key is not None
    settings.tls_key.chmod(0o644)


def _gone(settings: Settings, _folder: Path) -> None:
    assert settings.tls_cert is not None
    settings.tls_cert.unlink()


def _garbage(settings: Settings, _folder: Path) -> None:
    assert settings.tls_cert is not None
    settings.tls_cert.write_text("no certificate")


@pytest.mark.parametrize("spoil", [_foreign, _encrypted, _open, _gone, _garbage])
def test_what_can_not_be_used_is_refused_and_the_one_before_is_shown_on(
    tmp_path: Path, clock: HandClock, spoil: object
) -> None:
    tls, settings = Tls(clock), given(tmp_path, clock)
    tls.refresh(settings)
    before = tls.known
    assert callable(spoil)
    spoil(settings, tmp_path)
    with pytest.raises(Refused) as refusal:
        tls.refresh(settings)
    assert refusal.value.hint
    assert tls.known == before
