"""What a change would let vmuster do by itself: shown, and agreed to, before it is made."""

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

import click

from vmuster.cli.asking.confirming import confirm
from vmuster.cli.asking.speaking import words
from vmuster.cli.printing.previewing import Fields, does_anything, told
from vmuster.model.states import Drift, HostMode, Restart, UnknownVms
from vmuster.model.text import counted, visible

if TYPE_CHECKING:
    from vmuster.client.rest import Client

_LADDERS: Final[dict[str, type[StrEnum]]] = {
    "unknown_vms": UnknownVms,
    "drift": Drift,
    "restart": Restart,
}
"""The settings that let vmuster act by itself; the first rung of each lets it do nothing."""


def confirm_settings(
    client: "Client", cluster: Fields, chosen: dict[str, Any], *, yes: bool
) -> None:
    """Go on where `chosen` lets vmuster do no more by itself than the cluster's policy does now,
    or where that is wanted. Raises `Failed` where it is not."""
    policy: Fields = cluster["policy"]
    more = {
        name: chosen[name]
        for name, ladder in _LADDERS.items()
        if name in chosen and _rung(ladder, chosen[name]) > _rung(ladder, policy[name])
    }
    if more and not yes:
        _show(client, client.preview(cluster=cluster["name"], settings=chosen))
        confirm(f"Cluster {cluster['name']} will be under {_said(more)}.", yes=False)


def confirm_mode(client: "Client", host: Fields, mode: str, *, yes: bool) -> None:
    """Go on where a host in `mode` leaves vmuster nothing new to do by itself, or where that is
    wanted. Raises `Failed` where it is not."""
    if yes or mode != HostMode.MANAGE or host["mode"] == mode:
        return
    policy: Fields = client.cluster(host["cluster"])["policy"]
    allowed = {name: policy[name] for name in _LADDERS if _rung(_LADDERS[name], policy[name])}
    if allowed:
        _show(client, client.preview(host=host["id"], mode=mode))
        confirm(f"Host {host['name']} will be managed, under {_said(allowed)}.", yes=False)


def confirm_arming(client: "Client", *, host: str, cluster: str) -> None:
    """Go on where nothing has been kept back by what was disarmed (a host, a cluster, or with
    neither the fleet), or where that is wanted. Raises `Failed` where it is not."""
    from vmuster.client.errors import ClientError

    place = client.host(host) if host else client.cluster(cluster) if cluster else client.fleet()
    if not place["disarmed"]:
        return
    kind = "host" if host else "cluster" if cluster else ""
    where = f"{kind.title()} {place['name']}" if kind else "The fleet"
    try:
        previews = client.preview(host=host, cluster=cluster)
    except ClientError as error:
        confirm(f"{where} will be armed. What follows can't be shown: {error}.", yes=False)
        return
    if any(item["withheld"] for preview in previews for item in preview["items"]):
        _show(client, previews)
        confirm(f"{where} will be armed: what is withheld here may be done then.", yes=False)


def _rung(ladder: type[StrEnum], value: str) -> int:
    """How high it stands; what is on no rung counts as the highest, and the server refuses it."""
    rungs = words(ladder)
    return rungs.index(value) if value in rungs else len(rungs)


def _said(settings: Fields) -> str:
    return ", ".join(f"{name}={value}" for name, value in settings.items())


def _show(client: "Client", previews: list[dict[str, Any]]) -> None:
    """The hosts where something would be done or withheld; the others are counted."""
    doing = [preview for preview in previews if does_anything(preview)]
    for line in told(client, doing) if doing else ():
        click.echo(visible(line), err=True)
    if rest := len(previews) - len(doing):
        other = "other " if doing else ""
        click.echo(f"On {counted(rest, f'{other}host')} the next pass would do nothing.", err=True)
