"""Certificates of an own authority: for the right names, renewed in time, their keys kept."""

import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from vmuster.model.errors import Corrupt, Refused
from vmuster.wiring.secrets.certificates import (
    CA_DAYS,
    RENEWED_DAYS,
    SERVER_DAYS,
    OwnAuthority,
    names_of,
)

NOW = 1_800_000_000.0
DAY = 86_400.0
NAMES = ["192.0.2.7", "vm.example.org", "::1"]


@pytest.fixture
def own(tmp_path: Path) -> OwnAuthority:
    own = OwnAuthority(tmp_path / "tls")
    assert own.renew(NAMES, NOW)
    return own


def read(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_keys_are_for_their_owner_and_the_certificate_for_everybody(own: OwnAuthority) -> None:
    modes = {path.name: path.stat().st_mode & 0o777 for path in own.ca.parent.iterdir()}
    assert modes == {"ca.crt": 0o644, "ca.key": 0o400, "server.pem": 0o400}
    assert b"PRIVATE" not in own.ca.read_bytes()


def test_the_server_is_vouched_for_by_its_names_and_no_longer_than_it_must(
    own: OwnAuthority,
) -> None:
    server, authority = read(own.server), read(own.ca)
    server.verify_directly_issued_by(authority)
    shown = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(each.value) for each in shown] == NAMES
    lasts = server.not_valid_after_utc - server.not_valid_before_utc
    assert lasts.days == SERVER_DAYS
    assert not server.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert (
        authority.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length == 0
    )
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(own.server)


def test_what_is_good_stays(own: OwnAuthority) -> None:
    before = own.server.read_bytes()
    assert not own.renew(NAMES, NOW + (SERVER_DAYS - RENEWED_DAYS - 1) * DAY)
    assert own.server.read_bytes() == before


@pytest.mark.parametrize("days", [SERVER_DAYS - RENEWED_DAYS, SERVER_DAYS + 1, -2])
def test_what_is_due_is_renewed_under_the_same_authority(own: OwnAuthority, days: int) -> None:
    authority = read(own.ca)
    assert own.renew(NAMES, NOW + days * DAY)
    read(own.server).verify_directly_issued_by(authority)


def test_other_names_need_another_certificate(own: OwnAuthority) -> None:
    assert own.renew([*NAMES, "more.example.org"], NOW)


@pytest.mark.parametrize("content", [b"", b"-----BEGIN CERTIFICATE-----\nAA\n", None])
def test_a_certificate_that_is_none_is_made_anew(own: OwnAuthority, content: bytes | None) -> None:
    own.server.unlink()
    if content is not None:
        own.server.write_bytes(content)
        own.server.chmod(0o400)
    assert own.renew(NAMES, NOW)


def test_an_authority_near_its_end_gets_a_new_certificate_for_its_key(own: OwnAuthority) -> None:
    """Who knows the old one still believes what the new one signs."""
    old = read(own.ca)
    later = NOW + (CA_DAYS - SERVER_DAYS) * DAY
    own.renew(NAMES, later)
    assert read(own.ca).not_valid_after_utc > old.not_valid_after_utc
    read(own.server).verify_directly_issued_by(old)
    assert read(own.ca).fingerprint(hashes.SHA256()) != old.fingerprint(hashes.SHA256())


def test_a_lost_key_of_the_authority_is_nothing_to_guess_about(own: OwnAuthority) -> None:
    (own.ca.parent / "ca.key").unlink()
    with pytest.raises(Refused, match="is gone"):
        own.renew(NAMES, NOW)


def test_halves_of_two_authorities_are_refused(own: OwnAuthority, tmp_path: Path) -> None:
    other = OwnAuthority(tmp_path / "other")
    other.renew(NAMES, NOW)
    (own.ca.parent / "ca.key").unlink()
    (tmp_path / "other" / "ca.key").rename(own.ca.parent / "ca.key")
    with pytest.raises(Corrupt, match="is not of"):
        own.renew(NAMES, NOW)


@pytest.mark.parametrize("name", ["ca.key", "server.pem"])
def test_a_key_that_others_can_read_is_refused(own: OwnAuthority, name: str) -> None:
    (own.ca.parent / name).chmod(0o440)
    with pytest.raises(Refused, match="others can read"):
        own.renew(NAMES, NOW)


def test_the_names_are_the_address_those_said_and_the_machines_own() -> None:
    names = names_of("192.0.2.7", ["vm.example.org", "192.0.2.7"])
    assert names[:2] == ["192.0.2.7", "vm.example.org"]
    assert names[-3:] == ["localhost", "127.0.0.1", "::1"]
    assert len(names) == len(set(names))
    assert "0.0.0.0" not in names_of("0.0.0.0", [])


@pytest.mark.parametrize("name", ["*.example.org", "a b", "https://x", "-x", "x" * 64])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(Refused, match="tls_names"):
        names_of("192.0.2.7", [name])
