"""What a profile may say (T08, T09): each field by a strict grammar, whatever the type says."""

import base64

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmuster.model.host import (
    LocalProfile,
    LoopbackProfile,
    Profile,
    SimulatedProfile,
    SshProfile,
    TlsProfile,
)
from vmuster.model.reach import (
    HOST_KEY_TYPES,
    address_flaw,
    credential_flaw,
    flaw,
    host_key_flaw,
)

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGbM2Zq1kLk8qN0Zt0n8hQ0m7s4cGg5kq4Yl7VQ2xk3B"
SSH = SshProfile(address="h1.example.org", host_key=KEY)
TLS = TlsProfile(address="h1.example.org")


@pytest.mark.parametrize(
    "profile",
    [
        SSH,
        TLS,
        LocalProfile(scope="session"),
        LoopbackProfile(port=1),
        SimulatedProfile(name="any"),
        SshProfile(
            address="2001:db8::1",
            host_key=KEY,
            port=65535,
            user="Anna_1.x-y",
            scope="session",
            credential="key-1",
        ),
    ],
)
def test_a_good_profile_has_no_flaw(profile: Profile) -> None:
    assert flaw(profile) == ""


@pytest.mark.parametrize("profile", [SSH, TLS])
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("address", "-oProxyCommand=x"),
        ("port", True),
        ("port", 0),
        ("port", 65536),
        ("port", "22"),
        ("scope", "system?command=/bin/sh"),
        ("credential", "../key"),
        ("credential", "-i"),
    ],
)
def test_one_bad_field_is_a_flaw(profile: Profile, field: str, value: object) -> None:
    assert flaw(msgspec.structs.replace(profile, **{field: value}))


@pytest.mark.parametrize(
    "user", ["", "-l", "a b", "a@b", "a/b", "a\n", "a?x=1", "1a", "a" * 33, "ü"]
)
def test_a_name_of_no_user_is_a_flaw(user: str) -> None:
    assert "user" in flaw(msgspec.structs.replace(SSH, user=user))


@pytest.mark.parametrize(
    "address",
    [
        *("h", "h1", "a.b-c.d", "1.example", "a." * 126 + "b"),
        *("10.0.0.1", "127.0.0.1", "::1", "2001:db8::1", "fd00::1"),
    ],
)
def test_an_address(address: str) -> None:
    assert address_flaw(address) == ""


@pytest.mark.parametrize(
    "address",
    [
        *("", ".", "a..b", "a.", "-a", "a-", "a_b", "a b", "a/b", "a?b", "a#b", "a@b", "a:1", "ü"),
        *("a\n", "a\r\nb", "a%00", "h%2e", "[::1]", "fe80::1%eth0", "::ffff:10.0.0.1"),
        *("127.1", "0x7f.1", "0x7f000001", "2130706433", "1.2.3.4.5", "01.2.3.4", "a.0x1"),
        *("0.0.0.0", "::", "169.254.169.254", "fe80::1", "224.0.0.1", "ff02::1", "255.255.255.255"),
        *("a" * 64, "a." * 127 + "b"),
        *(None, 5, b"h"),
    ],
)
def test_no_address(address: object) -> None:
    assert address_flaw(address)


@given(st.text())
def test_no_address_means_anything_in_a_uri_or_is_an_option(text: str) -> None:
    if not address_flaw(text):
        assert text.isascii()
        assert not set(text) & set("/?#@[]%& \\'\"$`\r\n\t\0=,;")
        assert not text.startswith("-")


@pytest.mark.parametrize(
    "key",
    [
        "",
        KEY.removeprefix("ssh-ed25519 "),
        KEY.replace("ssh-ed25519", "ssh-dss"),
        KEY.replace("ssh-ed25519", "ssh-rsa"),
        KEY[:-1],
        KEY + " comment",
        KEY + "\n* ssh-ed25519 AAAA",
        "ssh-ed25519 " + KEY.split()[1][:25],
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5",
        KEY + "A" * 5000,
        None,
    ],
)
def test_no_host_key(key: object) -> None:
    assert host_key_flaw(key)
    if isinstance(key, str):
        assert flaw(msgspec.structs.replace(SSH, host_key=key))


def encoded(blob: bytes) -> str:
    return f"ssh-ed25519 {base64.b64encode(blob).decode()}"


TYPE = len(b"ssh-ed25519").to_bytes(4, "big") + b"ssh-ed25519"
LONGEST = encoded(TYPE + bytes(3048))


@pytest.mark.parametrize("key", [encoded(TYPE + b"k"), LONGEST])
def test_the_shortest_and_the_longest_host_key(key: str) -> None:
    assert host_key_flaw(key) == ""


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (None, "a host key is written as in a known_hosts file: type, space, base64"),
        (LONGEST + "A", "a host key is written as in a known_hosts file: type, space, base64"),
        (
            "ssh-dss AAAA",
            f"a host key begins with its type: {', '.join(HOST_KEY_TYPES)}",
        ),
        ("ssh-ed25519", "that host key is not of the type that is written before it"),
        (KEY.replace("AAAAC3", "AAA!AC3"), "that host key is not whole"),
        (KEY + " comment", "that host key is not whole"),
        (encoded(TYPE), "that host key is not of the type that is written before it"),
        (
            encoded(TYPE[::-1] + b"k"),
            "that host key is not of the type that is written before it",
        ),
    ],
)
def test_what_is_wrong_with_a_host_key_is_told(key: object, words: str) -> None:
    assert host_key_flaw(key) == words


@pytest.mark.parametrize(
    ("profile", "words"),
    [
        (LocalProfile(scope="all"), "a scope is 'system' or 'session'"),  # type: ignore[arg-type]
        (LoopbackProfile(port=0), "a port is a number from 1 to 65535"),
        (msgspec.structs.replace(SSH, user="a b"), "that is no name of a user"),
        (
            msgspec.structs.replace(SSH, credential="a b"),
            "a credential's name is at most 63 letters, digits, dots, dashes, underscores",
        ),
        (TlsProfile(address="a b"), "an address is a DNS name, an IPv4 or an IPv6 address"),
    ],
)
def test_what_is_wrong_with_a_profile_is_told(profile: Profile, words: str) -> None:
    assert flaw(profile) == words


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("", "an address is a DNS name, an IPv4 or an IPv6 address"),
        ("a_b", "an address is a DNS name, an IPv4 or an IPv6 address"),
        ("fe80::1%eth0", "an address has no scope of a link"),
        ("::ffff:10.0.0.1", "write an IPv4 address as such"),
        ("255.255.255.255", "that is no address of one machine"),
        ("ff02::1", "that is no address of one machine"),
    ],
)
def test_what_is_wrong_with_an_address_is_told(address: str, words: str) -> None:
    assert address_flaw(address) == words


def test_only_a_profile_may_name_no_credential() -> None:
    assert flaw(SSH) == ""
    assert credential_flaw("")
    assert credential_flaw("key") == ""
