"""Which key an ssh host must show, from now on and for ever: given, known already, or looked at.

A key that is taken because it was the first one shown proves nothing about who showed it. So it is
a person who says yes to its fingerprint, or says in so many words that they do not care.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from vmuster.cli.asking.confirming import agreed, can_ask
from vmuster.cli.asking.speaking import Failed
from vmuster.model.text import visible

if TYPE_CHECKING:
    from vmuster.client.rest import Client

Key = Mapping[str, Any]
_FINGERPRINT: Final = "SHA256:"
_PREFERRED: Final = ("ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa")
"""Of several keys of a host, the one that is pinned."""


def pinned_profile(
    client: "Client", profile: dict[str, Any], *, trust_first: bool, ask: bool
) -> dict[str, Any]:
    """`profile` with the key that an ssh host must show. Raises `Failed` where it is not known.

    `ask`: whether a person may be shown the keys and asked.
    """
    if profile["kind"] != "ssh":
        return profile
    given = str(profile.get("host_key", ""))
    if given and not given.startswith(_FINGERPRINT):
        return profile
    address, port = str(profile["address"]), int(profile.get("port", 22))
    keys = client.host_keys(address, port=port)
    key = _chosen(address, keys, given=given, trust_first=trust_first, ask=ask)
    return {**profile, "host_key": key["key"]}


def fingerprint(key: str) -> str:
    """The SHA256 fingerprint of a key as it is written, `TYPE BASE64`; one that is one already, or
    what is no key, stays as it is."""
    _, _, rest = key.partition(" ")
    try:
        blob = base64.b64decode(rest.partition(" ")[0], validate=True)
    except ValueError:
        return key
    digest = base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
    return f"{_FINGERPRINT}{digest}" if blob else key


def _chosen(address: str, keys: Sequence[Key], *, given: str, trust_first: bool, ask: bool) -> Key:
    shown = sorted((key for key in keys if key["shown"]), key=_preference)
    if not shown:
        raise Failed(
            f"no ssh server shows a key at {address}",
            hint="is the address right, and the port? ssh-keyscan on the server's machine tells",
        )
    if given:
        return _fitting(address, shown, given)
    if any(key["known"] for key in keys):
        return _known(address, shown)
    if trust_first or (ask and can_ask() and _looked_at(address, shown)):
        return shown[0]
    raise Failed(
        f"it is not known which key {address} must show; it shows {_listed(shown)}",
        hint="compare that with the host's own, then say --host-key SHA256:... (in a file"
        " host-key=SHA256:...), or take what is shown, unseen, by --trust-first-key",
    )


def _fitting(address: str, shown: Sequence[Key], given: str) -> Key:
    for key in shown:
        if key["fingerprint"] == given:
            return key
    raise Failed(
        f"{address} shows no key with the fingerprint {given}; it shows {_listed(shown)}",
        hint="somebody else may be answering: find out before you go on",
    )


def _known(address: str, shown: Sequence[Key]) -> Key:
    """The key that the server's known_hosts has; other keys than that are nobody's to confirm."""
    for key in shown:
        if key["known"]:
            return key
    raise Failed(
        f"{address} shows other keys than the server's known_hosts has for it: {_listed(shown)}",
        hint="somebody else may be answering: find out, and correct known_hosts, before you go on",
    )


def _looked_at(address: str, shown: Sequence[Key]) -> bool:
    click.echo(f"{visible(address)} is not in the server's known_hosts. It shows:", err=True)
    for key in shown:
        click.echo(f"  {visible(key['type'])} {visible(key['fingerprint'])}", err=True)
    return agreed("Compare that with the host's own keys: the first one will be trusted.")


def _listed(keys: Sequence[Key]) -> str:
    return ", ".join(f"{key['type']} {key['fingerprint']}" for key in keys)


def _preference(key: Key) -> int:
    kind = str(key["type"])
    return _PREFERRED.index(kind) if kind in _PREFERRED else len(_PREFERRED)
