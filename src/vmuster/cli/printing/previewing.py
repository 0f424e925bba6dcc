"""What the next pass would do, host by host, in words: each reason once, strangers counted."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from vmuster.cli.printing.idling import reasons_at
from vmuster.cli.printing.moments import span
from vmuster.model.text import counted

if TYPE_CHECKING:
    from vmuster.client.rest import Client

Fields = Mapping[str, Any]
Saying = tuple[str, str]
"""What is done or seen, and why."""
NOTHING: Final = "nothing would be done"
_ACTS: Final = {
    "stop_vm": "stop",
    "start_vm": "start",
    "mark_vm": "mark",
    "unmark_vm": "take our mark out of",
}
_BY: Final = {True: ", by vmuster itself", False: ", as it was asked for"}
_HELD_AS: Final = "; held for a person as plan "
_KEPT_BACK: Final = "; nothing follows: "
"""How the server's words go on where an act is wanted and not done."""


def told(client: "Client", previews: list[dict[str, Any]]) -> Iterator[str]:
    """Every host's next pass, line by line."""
    status = client.status() if any(preview["idle"] for preview in previews) else None
    return lines(previews, status)


def does_anything(preview: Fields) -> bool:
    """Whether an act is in it, to be done or withheld."""
    return any(item["act"] or item["withheld"] for item in preview["items"])


def lines(previews: list[dict[str, Any]], status: Fields | None = None) -> Iterator[str]:
    """Every host's next pass, line by line. `status`: of the fleet, for why a host is idle."""
    if not previews:
        yield "There is no host."
    for number, preview in enumerate(previews):
        if number:
            yield ""
        yield from _host(preview, status)


def _host(preview: Fields, status: Fields | None) -> Iterator[str]:
    assumed = "WHAT IF: " if preview["what_if"] else ""
    yield f"{assumed}host {preview['host']}, in {preview['mode']}: {_account(preview)}"
    yield from _kept_back(preview, status)
    items = [{**item, "why": _plain_why(item, preview)} for item in preview["items"]]
    acts = [item for item in items if item["act"]]
    withheld = [item for item in items if not item["act"] and _is_withheld(item)]
    seen = [item for item in items if not item["act"] and not _is_withheld(item)]
    yield from _grouped((_act(item), item) for item in acts)
    yield from _grouped((_withheld(item), item) for item in withheld)
    if not acts:
        yield f"  {NOTHING}"
    yield from _grouped((_noticed(item), item) for item in seen if item["standing"] != "alien")
    aliens = sum(item["standing"] == "alien" for item in seen)
    if aliens:
        yield f"  left alone: {counted(aliens, 'alien')}"


def _kept_back(preview: Fields, status: Fields | None) -> Iterator[str]:
    """Why the host gets nothing, or nothing automatic; and why a person must decide first."""
    if preview["quarantined"]:
        yield f"  nothing is sent: {preview['quarantined']}; see 'vmuster quarantine show'"
    elif preview["idle"]:
        here = {"host": preview["host"], "cluster": preview["cluster"]}
        known = reasons_at(status, **here) if status and preview["age_seconds"] is not None else []
        yield from (f"  nothing is done automatically: {why}" for why in known or [preview["idle"]])
    why, _, plan = preview["held"].partition(_HELD_AS)
    real = plan and not (preview["what_if"] or preview["idle"] or preview["quarantined"])
    if real:
        yield f"  held for a person: {why}; see 'vmuster plan show {plan}'"
    elif why:
        yield f"  {'would be held for a person' if plan else 'held'}: {why}"


def _plain_why(item: Fields, preview: Fields) -> str:
    """Why, without what is said of the whole host already."""
    why: str = item["why"]
    for act in (item["act"], item["withheld"]):
        why = why.removesuffix(f"; {act} follows")
        why = why.removesuffix(f"; {act} withheld: {preview['held']}")
    for reason in (preview["idle"], preview["quarantined"]):
        why = why.removesuffix(f"{_KEPT_BACK}{reason}") if reason else why
    return why


def _is_withheld(item: Fields) -> bool:
    return bool(item["withheld"]) or _KEPT_BACK in item["why"]


def _act(item: Fields) -> Saying:
    return f"would {_ACTS[item['act']]} {{}}{_BY[item['automatic']]}", _why(item)


def _withheld(item: Fields) -> Saying:
    act = f"{_ACTS[item['withheld']]} " if item["withheld"] else ""
    return f"withheld: {act}{{}}", _why(item)


def _noticed(item: Fields) -> Saying:
    return f"noticed: {{}}: {item['standing'] or item['finding']}", item["why"]


def _grouped(said: Iterable[tuple[Saying, Fields]]) -> Iterator[str]:
    """VMs of which the same is said stand together under it."""
    for (what, why), group in groupby(sorted(said, key=_saying), key=_saying):
        vms = [f"{item['name']} ({item['vm']})" for _, item in group]
        if len(vms) == 1:
            yield f"  {what.replace('{}', vms[0])}: {why}"
        else:
            yield f"  {what.replace('{}', counted(len(vms), 'VM'))}: {why}"
            yield from (f"    {vm}" for vm in vms)


def _saying(said: tuple[Saying, Fields]) -> Saying:
    return said[0]


def _account(preview: Fields) -> str:
    if preview["age_seconds"] is None:
        return "it has given no account yet"
    return f"{counted(preview['vms'], 'VM')}, as of {span(preview['age_seconds'])} ago"


def _why(item: Fields) -> str:
    return f"{item['why']} [{item['rule']}]" if item["rule"] else str(item["why"])
