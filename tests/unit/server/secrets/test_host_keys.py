"""A host key with the fingerprint that ssh-keygen shows for it."""

import subprocess
from pathlib import Path

import pytest

from vmuster.model.reach import host_key_flaw
from vmuster.server.secrets.host_keys import host_key


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_the_fingerprint_is_the_one_that_ssh_shows(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-N", "", "-t", kind, "-f", file], check=True)
    public = file.with_suffix(".pub").read_text()
    made = host_key(" ".join(public.split()[:2]))
    shown = subprocess.run(
        ["ssh-keygen", "-l", "-f", file.with_suffix(".pub")],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert made.fingerprint == shown.split()[1]
    assert made.type == public.split()[0]
    assert host_key_flaw(made.key) == ""
