"""Why a VM is as it is, in words; and at the top, if it has ended: why it was stopped.

The journal is read from its newest entry back: the first that tells of an end is the answer. An
end that vmuster brought about leaves a command there, written before the deed; where there is
none, vmuster did not do it, and that is said.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from vmuster.cli.chains import (
    AUTOMATIC,
    Fields,
    Line,
    chains,
    command_lines,
    is_conclusion,
    links,
    proof_words,
    title,
)
from vmuster.cli.moments import at, span

_ENDED: Final = frozenset({"stopped", "crashed"})
_OUTSIDE: Final = frozenset({"stopped_outside", "crashed", "missing"})
_REASONS: Final = {
    "guest": "the guest shut down",
    "hand": "somebody stopped it through the hypervisor",
    "saved": "its memory was saved to disk; a start continues it",
    "migrated": "it left for another host",
    "failed": "the hypervisor could not start it",
    "crashed": "it crashed",
}
_OF_OURS: Final = {"shutdown": "guest", "force": "hand", "save": "saved"}
"""The reason that a hypervisor gives after a stop of ours, by its method; it says nothing new."""
_NO_REASON: Final = "the hypervisor does not say why"
_LABEL_WIDTH: Final = 10


def explain(explanation: Fields, hosts: Mapping[str, str]) -> Iterator[str]:
    """The explanation line by line. `hosts`: names of hosts by their ids."""
    yield f"{_name(explanation)}  {explanation['uuid']}"
    if _has_ended(explanation):
        yield from _section("Why was it stopped?", _why_ended(explanation))
    yield from _section("What it is", _what_it_is(explanation))
    for chain in chains(explanation):
        yield from _section(title(chain), links(chain, hosts))
    concluded = [
        (at(entry["at"]), f"{hosts.get(entry['host'], entry['host'])}: {entry['what']}")
        for entry in explanation["journal"]
        if is_conclusion(entry)
    ]
    yield from _section("What was concluded, the newest first", concluded)


def _section(heading: str, lines: list[Line]) -> Iterator[str]:
    if lines:
        yield ""
        yield heading
        width = max(_LABEL_WIDTH, *(len(label) for label, _ in lines))
        for label, said in lines:
            yield f"  {label:<{width}}  {said}"


def _name(explanation: Fields) -> str:
    known = [*explanation["vms"], explanation["record"], *explanation["journal"]]
    return next((str(each["name"]) for each in known if each and each["name"]), "a VM")


def _has_ended(explanation: Fields) -> bool:
    return all(vm["power"] in _ENDED or vm["phase"] == "missing" for vm in explanation["vms"])


def _what_it_is(explanation: Fields) -> list[Line]:
    lines: list[Line] = []
    for vm in explanation["vms"]:
        reason = f" ({vm['reason']})" if vm["reason"] != "unknown" else ""
        seen = f"{vm['power']}{reason}, as of {span(vm['age_seconds'])} ago"
        lines.append(("seen", f"on {vm['host'] or 'no host'}: {seen}"))
        lines.append(("standing", vm["standing"] or vm["finding"]))
        lines.append(("because", vm["why"]))
        if vm["desired"] is not None:
            lines.append(("recorded", f"{vm['phase']}; asked for: {vm['desired']}"))
    record: Fields | None = explanation["record"]
    if record is not None and record["removed_at"] is not None:
        lines.append(("recorded", f"deleted {at(record['removed_at'])}"))
    if not lines:
        lines.append(("seen", "on no host any more, and no record of it is kept"))
    return lines


def _why_ended(explanation: Fields) -> list[Line]:
    sent = {sent["id"]: sent for sent in explanation["commands"]}
    for entry in explanation["journal"]:
        command = sent.get(entry["command"])
        if command is not None and _may_have_done(command, "stop_vm"):
            return _stopped_by_us(entry, command, explanation)
        if _tells_of_a_start(entry, command):
            break
        if entry["evidence"].get("finding") in _OUTSIDE:
            return [
                ("answer", "not by vmuster: it sent no command for it"),
                ("seen", f"{entry['what']}, {at(entry['at'])}"),
                *_hypervisor_says(explanation),
            ]
    return [
        ("answer", "not by vmuster: since it last ran, no command of ours could have stopped it"),
        *_hypervisor_says(explanation),
    ]


def _tells_of_a_start(entry: Fields, sent: Fields | None) -> bool:
    """Whether the VM ran after all that the journal tells of before this entry."""
    started = sent is not None and _may_have_done(sent, "start_vm")
    return started or entry["evidence"].get("finding") == "started_outside"


def _may_have_done(sent: Fields, act: str) -> bool:
    """A refused or failed act did nothing; one whose outcome is not known may have been done."""
    if sent["command"]["command"] != act:
        return False
    result: Fields | None = sent["result"]
    return result is None or result["unknown"] or result["outcome"] == "done"


def _stopped_by_us(entry: Fields, sent: Fields, explanation: Fields) -> list[Line]:
    command = sent["command"]
    intent = next(
        (
            e
            for e in explanation["journal"]
            if e["kind"] == "command" and e["command"] == sent["id"]
        ),
        entry,
    )
    asked = next((op for op in explanation["operations"] if op["id"] == command["operation"]), None)
    if command["actor"] == AUTOMATIC:
        approved = intent["evidence"].get("approved")
        by = f", as {approved['by']} had approved (plan {approved['plan']})" if approved else ""
        answer = f"vmuster stopped it{by or ' by itself'}, under rule {intent['rule']}"
    elif asked is None:
        answer = f"{command['actor']} asked for it"
    else:
        answer = f"{command['actor']} asked for it, {at(asked['created_at'])}"
    result: Fields | None = sent["result"]
    forced = result is not None and result["message"].startswith("by force")
    expected = _OF_OURS["force"] if forced else _OF_OURS[command["method"]]
    return [
        ("answer", answer),
        ("because", intent["what"].removeprefix("stop_vm: ")),
        ("proof", proof_words(command)),
        *command_lines(sent),
        *_hypervisor_says(explanation, expected=expected),
    ]


def _hypervisor_says(explanation: Fields, *, expected: str = "") -> list[Line]:
    return [
        ("reason", f"on {vm['host']}: {_REASONS.get(vm['reason'], _NO_REASON)}")
        for vm in explanation["vms"]
        if vm["reason"] != expected
    ]
