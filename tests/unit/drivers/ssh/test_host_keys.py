"""Host keys: what a host shows, and what is known of it; each a key that may be pinned."""

import socket
from pathlib import Path

import pytest

from vmuster.drivers.ssh import host_keys
from vmuster.drivers.ssh.host_keys import known, scan
from vmuster.ports.driver import DriverError

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGbM2Zq1kLk8qN0Zt0n8hQ0m7s4cGg5kq4Yl7VQ2xk3B"
OTHER = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTY="


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "known_hosts"


@pytest.mark.parametrize(
    ("name", "address", "port"),
    [
        ("h1.example", "h1.example", 22),
        ("[h1.example]:2022", "h1.example", 2022),
        ("10.0.0.1", "10.0.0.1", 22),
        ("2001:db8::1", "2001:db8::1", 22),
        ("h0,h1.example", "h1.example", 22),
    ],
)
def test_a_known_host(file: Path, name: str, address: str, port: int) -> None:
    file.write_text(f"{name} {KEY} comment\nanother {OTHER}\n")
    assert known(address, port, file) == (KEY,)
    assert known(address, 1, file) == ()


def test_the_best_kind_is_first_and_what_is_no_key_is_left_out(file: Path) -> None:
    file.write_text(
        f"# h1 {KEY}\nh1 {OTHER}\nh1 ssh-ed25519 AAAA\n@revoked h1 {KEY[:-1]}C\nh1 {KEY}\n"
    )
    assert known("h1", 22, file) == (KEY, OTHER)


@pytest.mark.parametrize("name", ["h1", "*", "h?,h2"])
def test_a_revoked_key_is_not_known(file: Path, name: str) -> None:
    file.write_text(f"h1 {KEY}\nh1 {OTHER}\n@revoked {name} {KEY}\n")
    assert known("h1", 22, file) == (OTHER,)


def test_a_file_that_cannot_be_asked_is_said(file: Path) -> None:
    file.mkdir()
    with pytest.raises(DriverError, match="known_hosts can't be read"):
        known("h1", 22, file)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A host that shows two keys."""
    tool = tmp_path / "keyscan"
    tool.write_text(f'#!/bin/sh\necho "h1 {KEY}"\necho "h1 {OTHER}"\n')
    tool.chmod(0o755)
    monkeypatch.setattr(host_keys, "_SCAN", str(tool))


@pytest.mark.usefixtures("shown")
def test_a_revoked_key_is_not_shown(file: Path) -> None:
    assert scan("h1", 22, file) == (KEY, OTHER)
    file.write_text(f"@revoked * {KEY}\n")
    assert scan("h1", 22, file) == (OTHER,)
    file.write_text(f"@revoked * {KEY}\n@revoked h1 {OTHER}\n")
    with pytest.raises(DriverError, match="every ssh host key at h1 port 22 is revoked"):
        scan("h1", 22, file)


def test_where_there_is_no_file_nobody_is_known(file: Path) -> None:
    assert known("h1", 22, file) == ()


@pytest.mark.parametrize("address", ["-f", "h1 h2", "", "h1,h2", "*"])
def test_what_is_no_address_is_not_asked_about(file: Path, address: str) -> None:
    with pytest.raises(ValueError, match="address"):
        known(address, 22, file)
    with pytest.raises(ValueError, match="address"):
        scan(address, 22)


def test_a_host_that_shows_no_key_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = int(nobody.getsockname()[1])
    with pytest.raises(DriverError, match=f"no ssh host key .* port {port}"):
        scan("127.0.0.1", port)
