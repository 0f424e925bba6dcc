"""The operator's file follows the server; the key in it stays."""

import tomllib
from pathlib import Path

from vmuster.wiring.secrets.client_file import follow

URL = "https://192.0.2.7:8040"


def test_a_server_that_moved_is_followed_and_the_key_stays(tmp_path: Path) -> None:
    file = tmp_path / "client.toml"
    file.write_text('url = "http://127.0.0.1:1"\nkey = "vmuster_x"\nfingerprint = "ab"\n')
    follow(file, url=URL, ca="tls/ca.crt", fingerprint="")
    said = {"url": URL, "key": "vmuster_x", "ca": "tls/ca.crt"}
    assert tomllib.loads(file.read_text()) == said
    assert file.stat().st_mode & 0o777 == 0o600


def test_what_is_so_already_is_not_written(tmp_path: Path) -> None:
    file = tmp_path / "client.toml"
    file.write_text(f'key  = "k"  # mine\nurl = "{URL}"\n')
    before = file.stat()
    follow(file, url=URL, ca="", fingerprint="")
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_file_that_is_gone_or_not_ours_to_read_is_left(tmp_path: Path) -> None:
    file = tmp_path / "client.toml"
    follow(file, url=URL, ca="", fingerprint="")
    assert not file.exists()
    file.write_bytes(b"\xff\xfe no")
    follow(file, url=URL, ca="", fingerprint="")
    assert file.read_bytes() == b"\xff\xfe no"
