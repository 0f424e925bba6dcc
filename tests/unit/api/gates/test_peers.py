"""Who is at the other end, as far as an address says it."""

from typing import Any

import pytest

from vmuster.api.gates.peers import is_near, peer_of


def scope(host: str | None, **headers: str) -> dict[str, Any]:
    told = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"client": None if host is None else (host, 1), "headers": told}


@pytest.mark.parametrize(
    ("host", "peer"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("192.0.2.7 or anything", ""),
        (None, ""),
    ],
)
def test_addresses_that_one_person_can_have_are_one(host: str | None, peer: str) -> None:
    assert peer_of(scope(host)) == peer


@pytest.mark.parametrize(
    ("host", "near"),
    [("127.0.0.1", True), ("::1", True), ("127.9.9.9", True), ("192.0.2.7", False), (None, False)],
)
def test_this_machine_is_near(host: str | None, near: bool) -> None:
    assert is_near(scope(host)) is near


@pytest.mark.parametrize("header", ["forwarded", "x_forwarded_for", "x_real_ip", "via"])
def test_what_a_proxy_brings_has_come_from_elsewhere(header: str) -> None:
    assert not is_near(scope("127.0.0.1", **{header: "127.0.0.1"}))
