"""What the next pass would do, host by host, in words."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from vmuster.cli.moments import span

Fields = Mapping[str, Any]
NOTHING: Final = "nothing would be done"
_ACTS: Final = {
    "stop_vm": "stop",
    "start_vm": "start",
    "mark_vm": "mark",
    "unmark_vm": "take our mark out of",
}
_BY: Final = {True: "by vmuster itself", False: "as it was asked for"}


def lines(previews: list[dict[str, Any]]) -> Iterator[str]:
    """Every host's next pass, line by line."""
    if not previews:
        yield "There is no host."
    for number, preview in enumerate(previews):
        if number:
            yield ""
        yield from _host(preview)


def _host(preview: Fields) -> Iterator[str]:
    assumed = "WHAT IF: " if preview["what_if"] else ""
    yield f"{assumed}host {preview['host']}, in {preview['mode']}: {_account(preview)}"
    if preview["quarantined"]:
        yield f"  nothing is sent: {preview['quarantined']}"
    if preview["idle"]:
        yield f"  nothing is done automatically: {preview['idle']}"
    if preview["held"]:
        yield f"  held: {preview['held']}"
    acts = [item for item in preview["items"] if item["act"]]
    withheld = [item for item in preview["items"] if item["withheld"] and not item["act"]]
    seen = [item for item in preview["items"] if not item["act"] and not item["withheld"]]
    for item in acts:
        yield f"  would {_ACTS[item['act']]} {_vm(item)}, {_BY[item['automatic']]}: {_why(item)}"
    for item in withheld:
        yield f"  withheld: {_ACTS[item['withheld']]} {_vm(item)}: {_why(item)}"
    if not acts:
        yield f"  {NOTHING}"
    for item in seen:
        yield f"  noticed: {_vm(item)}: {item['standing'] or item['finding']}: {item['why']}"


def _account(preview: Fields) -> str:
    if preview["age_seconds"] is None:
        return "it has given no account yet"
    return f"{preview['vms']} VMs, as of {span(preview['age_seconds'])} ago"


def _vm(item: Fields) -> str:
    return f"{item['name']} ({item['vm']})"


def _why(item: Fields) -> str:
    return f"{item['why']} [{item['rule']}]" if item["rule"] else str(item["why"])
