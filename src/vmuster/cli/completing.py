"""Names of VMs, hosts and clusters completed by the shell: the server is asked, in a hurry.

A shell that waits, or prints an error between two keystrokes, is worse than one that offers
nothing: whatever goes wrong here is passed over in silence.
"""

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

from click import Context, Parameter
from click.shell_completion import CompletionItem

from vmuster.cli.speaking import connected, server_meant
from vmuster.model.text import visible

if TYPE_CHECKING:
    from vmuster.client.rest import Client

PATIENCE_SECONDS: Final = 1.0
_OFFERED_MAX: Final = 200
_PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+:@%-]*", re.ASCII)
"""What every shell takes for one word. A VM of another name is offered by its uuid."""

Offer = tuple[str, str]
"""What may be completed, and what it means."""
Complete = Callable[[Context, Parameter, str], list[CompletionItem]]


def _completion(offers: Callable[["Client"], Iterable[Offer]]) -> Complete:
    def complete(context: Context, _parameter: Parameter, typed: str) -> list[CompletionItem]:
        try:
            server = server_meant(context.params)
            with connected(server, patience=PATIENCE_SECONDS) as client:
                fitting = [offer for offer in offers(client) if offer[0].startswith(typed)]
        except Exception:  # whatever it is: see above
            return []
        return [CompletionItem(word, help=help_) for word, help_ in fitting[:_OFFERED_MAX]]

    return complete


def _hosts(client: "Client") -> Iterable[Offer]:
    return ((host["name"], f"{host['mode']}, {host['health']}") for host in client.hosts())


def _clusters(client: "Client") -> Iterable[Offer]:
    return ((cluster["name"], "") for cluster in client.clusters())


def _vms(client: "Client") -> Iterable[Offer]:
    return dict.fromkeys(map(_vm, client.vms()))


def _vm(vm: dict[str, Any]) -> Offer:
    about = f"{vm['standing'] or vm['finding']} on {vm['host'] or 'no host'}"
    if _PLAIN.fullmatch(vm["name"]):
        return vm["name"], about
    return vm["uuid"], f"{visible(vm['name'])}, {about}"


def _plans(client: "Client") -> Iterable[Offer]:
    return ((plan["id"], visible(plan["why"])) for plan in client.plans())


def _credentials(client: "Client") -> Iterable[Offer]:
    return ((credential["name"], credential["kind"]) for credential in client.credentials())


complete_host: Final = _completion(_hosts)
complete_cluster: Final = _completion(_clusters)
complete_vm: Final = _completion(_vms)
complete_plan: Final = _completion(_plans)
complete_credential: Final = _completion(_credentials)
