"""The fleet on one screen: what an operator wants to know first thing in the morning."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from vmuster.cli.printing.forms import Output, print_told
from vmuster.cli.printing.idling import reasons
from vmuster.cli.printing.moments import at, present, seconds, span
from vmuster.model.text import counted

if TYPE_CHECKING:
    from vmuster.client.rest import Client

Fields = Mapping[str, Any]
_NAMED_MAX: Final = 10
"""Hosts in trouble that are named; a dark fleet must not scroll away what is above."""
_LABEL_WIDTH: Final = 11


def print_status(client: "Client", status: dict[str, Any], out: Output) -> None:
    """Print the state of the fleet."""

    def told() -> Iterator[str]:
        # An approved plan is news too: it is carried out as soon as nothing keeps it back.
        held = [plan for plan in client.plans() if plan["state"] != "rejected"]
        return lines({**status, "held": held}, present())

    print_told(status, out, names=[status["id"]], told=told)


def lines(status: Fields, now: float) -> Iterator[str]:
    """The screen, line by line. `now`: epoch seconds."""
    yield _line("fleet", f"{status['id']}  instance {status['instance']}")
    idle = [reason.said for reason in reasons(status)]
    yield from _labelled("automation", [_armed(status), *idle, *_orphans(status)])
    yield from _labelled("hosts", [_hosts(status), *_troubles(status, now)])
    yield from _labelled("VMs", [_vms(status), *_astray(status)])
    yield _line("operations", f"{status['operations'] or 'none'} in flight")
    yield from _labelled("held plans", list(_held(status, now)) or ["none"])
    yield from _labelled("damaged", status["unread"])


def _armed(status: Fields) -> str:
    """One word: for the whole fleet, for parts of it, or for none."""
    if status["quarantine"] or status["disarmed"]:
        return "IDLE"
    clusters = [each for each in status["clusters"] if each["hosts"]]
    idle = [each for each in clusters if each["disarmed"] or each["dark"] or each["quiet_seconds"]]
    managed = status["modes"].get("manage", 0)
    observed = "" if managed else ": no host is in manage, so nothing is done by itself"
    if clusters and len(idle) == len(clusters):
        return "IDLE"
    return ("ARMED, in parts" if idle or status["disarmed_hosts"] else "ARMED") + observed


def _orphans(status: Fields) -> Iterator[str]:
    number = status["standings"].get("orphan", 0)
    if number:
        yield (
            f"{counted(number, 'orphan')}: no ghost and no lookalike is stopped in a cluster that"
            " has one; see 'vmuster vm list --standing orphan'"
        )


def _hosts(status: Fields) -> str:
    if not status["healths"]:
        return "none; 'vmuster host add NAME --local' adds one"
    modes = ", ".join(f"{number} in {mode}" for mode, number in _most(status["modes"]))
    return f"{_counts(status['healths'])} ({modes})"


def _troubles(status: Fields, now: float) -> Iterator[str]:
    troubled = status["troubled"]
    for host in troubled[:_NAMED_MAX]:
        age = f" for {span(now - seconds(host['since']))}" if host["since"] else ""
        claims = (
            f"; it claims to be {host['claims']}: 'vmuster host accept {host['name']}"
            f" --uuid {host['claims']}' if so"
            if host["claims"]
            else ""
        )
        said = host["trouble"] or "it has not been well for long enough"
        yield f"  {host['name']}: {host['health']}{age}: {said}{claims}"
    if len(troubled) > _NAMED_MAX:
        yield f"  and {len(troubled) - _NAMED_MAX} more: 'vmuster host list' shows all"


def _vms(status: Fields) -> str:
    seen = _counts(status["standings"]) or "none was seen"
    unseen = status["unseen"]
    if not unseen:
        return seen
    missing = f", {status['missing']} of them missing for certain" if status["missing"] else ""
    return f"{seen}; {unseen} of ours not seen now{missing}"


def _astray(status: Fields) -> Iterator[str]:
    """Ours that are not as asked for, the missing among them: the first of them by name."""
    number, named = status["not_as_asked"] + status["missing"], status["astray"]
    if not number:
        return
    yield f"{number} of ours {'is' if number == 1 else 'are'} not as asked for:"
    for vm in named:
        on = f" on {vm['host']}" if vm["host"] else ""
        yield f"  {vm['name']}{on}: {vm['finding'].replace('_', ' ')}; {vm['why']}"
    if number > len(named):
        yield "  and more: 'vmuster vm list --standing owned -o wide' says why of each"


def _held(status: Fields, now: float) -> Iterator[str]:
    for plan in status["held"]:
        host = plan["host_name"] or plan["host"]
        age = span(now - seconds(plan["held_at"]))
        acts = counted(len(plan["acts"]), "act")
        if plan["state"] == "approved":
            until = f"approved by {plan['by']} until {at(plan['expires_at'])}"
            yield f"{plan['id']}  host {host}, {acts}, {until}: done once nothing keeps them back"
        else:
            yield f"{plan['id']}  host {host}, {acts}, for {age}: {plan['why']}"
    if any(plan["state"] == "held" for plan in status["held"]):
        yield "see 'vmuster plan show ID'; then 'vmuster plan approve ID', or reject"


def _most(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {word}" for word, number in _most(counts))


def _labelled(label: str, said: list[str]) -> Iterator[str]:
    for number, text in enumerate(said):
        yield _line("" if number else label, text)


def _line(label: str, said: str) -> str:
    return f"{label:<{_LABEL_WIDTH}}  {said}"
