"""Routes of credentials: no answer holds a secret, and no refusal."""

from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.served import Served
from tests.unit.api.problem import problem
from vmuster.model.keys import Credential


def ssh_key() -> dict[str, Any]:
    private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    return {"kind": "ssh", "key": pem.decode()}


def test_a_credential_is_kept_shown_and_removed(world: Served, http: httpx2.Client) -> None:
    secret = ssh_key()
    kept = http.put("credentials/c1", json=secret)
    assert kept.status_code == 200, kept.text
    assert (kept.json()["name"], kept.json()["kind"]) == ("c1", "ssh")
    assert "SHA256:" in kept.json()["public"]
    row = world.run(world.fleet.store.get(Credential, "c1"))
    assert row is not None
    assert row.sealed[::-1].startswith(b"-----BEGIN OPENSSH PRIVATE KEY-----\n")
    assert http.get("credentials").json()["items"] == [kept.json()]
    assert http.get("credentials/c1").json() == kept.json()
    assert http.delete("credentials/c1").json() == kept.json()
    assert http.get("credentials").json()["items"] == []
    problem(http.delete("credentials/c1"), 404)
    problem(http.get("credentials/c1"), 404)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"kind": "ssh", "key": "CANARY"}, 409),
        ({"kind": "ssh", "key": ["CANARY"]}, 422),
        ({"kind": "ssh", "key": "CANARY", "ca": "CANARY"}, 422),
        ({"kind": "tls", "key": "CANARY"}, 422),
        ({"kind": "tls", "key": "CANARY", "ca": "CANARY", "certificate": "CANARY"}, 409),
        ({"kind": "CANARY"}, 422),
        ({"kind": "ssh", "key": "CANARY" * 20_000}, 422),
    ],
    ids=lambda value: str(value)[:60],
)
def test_no_refusal_repeats_a_secret(
    http: httpx2.Client, body: dict[str, object], status: int
) -> None:
    answer = http.put("credentials/c2", json=body)
    problem(answer, status)
    assert body["kind"] == "CANARY" or "CANARY" not in answer.text
