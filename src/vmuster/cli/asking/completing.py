"""Names of VMs, hosts and other things completed by the shell: the server is asked, in a hurry.

A shell that waits, or prints an error between two keystrokes, is worse than one that offers
nothing: whatever goes wrong here is passed over in silence.
"""

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

from click import Context, Parameter
from click.shell_completion import CompletionItem

from vmuster.cli.asking.speaking import connected, contexts_file, server_meant
from vmuster.model.text import visible

if TYPE_CHECKING:
    from vmuster.client.rest import Client

PATIENCE_SECONDS: Final = 1.0
_OFFERED_MAX: Final = 200
_ASKED_MAX: Final = 5_000
"""VMs that are asked for: more take longer than a person waits for a word."""
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


def hosts(client: "Client") -> Iterable[Offer]:
    """The names of hosts."""
    return ((host["name"], f"{host['mode']}, {host['health']}") for host in client.hosts())


def clusters(client: "Client") -> Iterable[Offer]:
    """The names of clusters."""
    return ((cluster["name"], "") for cluster in client.clusters())


def vms(client: "Client") -> Iterable[Offer]:
    """The names of VMs, of the first many; the uuid of one whose name is no plain word."""
    return dict.fromkeys(map(_vm, client.vms(limit=_ASKED_MAX)))


def credentials(client: "Client") -> Iterable[Offer]:
    """The names of credentials."""
    return ((credential["name"], credential["kind"]) for credential in client.credentials())


def _api_keys(client: "Client") -> Iterable[Offer]:
    return ((key["name"], key["scope"]) for key in client.api_keys())


def _webhooks(client: "Client") -> Iterable[Offer]:
    return ((webhook["name"], visible(webhook["url"])) for webhook in client.webhooks())


def _vm(vm: dict[str, Any]) -> Offer:
    about = f"{vm['standing'] or vm['finding']} on {vm['host'] or 'no host'}"
    if _PLAIN.fullmatch(vm["name"]):
        return vm["name"], about
    return vm["uuid"], f"{visible(vm['name'])}, {about}"


def _plans(client: "Client") -> Iterable[Offer]:
    return ((plan["id"], visible(plan["why"])) for plan in client.plans())


def _operations(client: "Client") -> Iterable[Offer]:
    newest = client.operations(limit=_OFFERED_MAX)
    return ((one["id"], visible(f"{one['kind']} {one['name']}, {one['state']}")) for one in newest)


def complete_context(_context: Context, _parameter: Parameter, typed: str) -> list[CompletionItem]:
    """Completes the name of a context; no server is asked."""
    from vmuster.client.contexts import read_contexts

    try:
        known = read_contexts(contexts_file()).contexts
    except Exception:  # whatever it is: see above
        return []
    return [
        CompletionItem(name, help=visible(context.url))
        for name, context in known.items()
        if name.startswith(typed) and _PLAIN.fullmatch(name)
    ]


complete_host: Final = _completion(hosts)
complete_cluster: Final = _completion(clusters)
complete_vm: Final = _completion(vms)
complete_plan: Final = _completion(_plans)
complete_operation: Final = _completion(_operations)
complete_credential: Final = _completion(credentials)
complete_api_key: Final = _completion(_api_keys)
complete_webhook: Final = _completion(_webhooks)
