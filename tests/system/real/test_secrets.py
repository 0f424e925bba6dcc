"""No secret is anywhere but in its own file (T22): looked for where it must not be, all over."""

import base64
import re
import sqlite3
from pathlib import Path

import msgspec
import pytest

from tests.keypairs import Authority
from tests.system.real.far_fleet import FarFleet
from tests.system.real.far_side import FarSide
from vmuster.model.host import Fleet, Host
from vmuster.model.keys import ApiKey, Credential, CredentialKind
from vmuster.model.states import HostMode

pytestmark = [pytest.mark.real, pytest.mark.anyio]
PIECE = 24
"""So many characters of a secret, wherever they are, are the secret."""


def forms(secret: bytes) -> set[bytes]:
    """How a secret may look: as it is, in hex, in base64, and as Python or JSON write it."""
    return {
        secret,
        secret.hex().encode(),
        base64.b64encode(secret),
        repr(secret)[2:-1].encode(),
        msgspec.json.encode(secret.decode("latin-1"))[1:-1],
    }


def pieces_of_pem(pem: bytes) -> set[bytes]:
    """The lines of a private key in PEM, but for those that every key of its kind begins with."""
    lines = [line for line in pem.splitlines() if not line.startswith(b"-----")]
    return {line for line in lines[1:] or lines if len(line) >= PIECE}


def planted(far: FarFleet, side: FarSide, tls_key: bytes) -> dict[str, set[bytes]]:
    """Every secret of the server, in all its forms."""
    state = far.settings.state_dir
    signing = msgspec.json.decode((state / "keys/signing.key").read_bytes())["private"]
    sealing = msgspec.json.decode((state / "keys/sealing.key").read_bytes())["key"]
    (api,) = re.findall(rb'key = "(\w+)', (state / "client.toml").read_bytes())
    return {
        "signing key": forms(base64.b64decode(signing)),
        "sealing key": forms(base64.b64decode(sealing)),
        "api key": forms(api),
        "ssh key": pieces_of_pem(side.login.private),
        "tls key": pieces_of_pem(tls_key),
    }


def command_lines_and_environments() -> bytes:
    """What any program may read of every process there is."""
    found = b""
    for process in Path("/proc").iterdir():
        for part in ("cmdline", "environ") if process.name.isdecimal() else ():
            try:
                found += (process / part).read_bytes() + b"\n"
            except OSError:
                continue
    return found


async def test_no_secret_is_seen_outside_its_file(
    far: FarFleet, side: FarSide, capfd: pytest.CaptureFixture[str]
) -> None:
    authority = Authority("one")
    certificate, tls_key = authority.client()
    whole = authority.certificate + certificate + tls_key
    await far.keep("set", CredentialKind.TLS, whole)
    await far.keep("key", CredentialKind.SSH, side.login.private)
    host = await far.add("far", side.profile(credential="key"), HostMode.MANAGE, "default")
    broken = await far.add_unheard("none", side.profile(credential="nobody"))
    await far.trouble(broken, "there is no ssh credential")
    rows = [
        *await far.store.find(Credential),
        *await far.store.find(ApiKey),
        *await far.store.find(Fleet),
        *await far.store.find(Host),
        far.service.context.signer,
        far.service.credentials,
    ]
    identity = far.settings.state_dir / "approaches" / host.id / "identity"
    database = sqlite3.connect(far.settings.state_dir / "vmuster.db")
    said = capfd.readouterr()
    places = {
        "database dump": "\n".join(database.iterdump()).encode(),
        "log": (said.out + said.err).encode(),
        "reprs": "\n".join(map(repr, rows)).encode(),
        "processes": command_lines_and_environments(),
    }
    database.close()
    assert all(places.values())
    secrets = planted(far, side, tls_key)
    assert all(secrets.values())
    # The search itself: it finds each secret where it belongs.
    assert any(piece in identity.read_bytes() for piece in secrets["ssh key"])
    found = {
        (name, place)
        for name, pieces in secrets.items()
        for place, content in places.items()
        for piece in pieces
        if piece in content
    }
    assert found == set()
