"""Which columns the tables have, for each kind of thing."""

from collections.abc import Callable
from operator import itemgetter
from typing import Any, Final

from vmuster.cli.printing.forms import Column, Item, Shape
from vmuster.cli.printing.moments import at, present, seconds, span
from vmuster.model.text import bounded

_COLOURS: Final = {
    "owned": "green",
    "alien": "cyan",
    "foreign": "cyan",
    "duplicate": "red",
    "unproven": "yellow",
    "orphan": "yellow",
    "ghost": "yellow",
    "lookalike": "yellow",
    "clone": "yellow",
    "moved": "yellow",
    "running": "green",
    "crashed": "red",
    "observe": "cyan",
    "manage": "green",
    "up": "green",
    "suspect": "yellow",
    "unreachable": "red",
    "done": "green",
    "failed": "red",
    "refused": "red",
    "alert": "red",
    "held": "red",
    "approved": "green",
    "rejected": "yellow",
    "added": "green",
    "there already": "green",
    "no account yet": "yellow",
    "command": "yellow",
}


def _colour(text: str) -> str:
    return _COLOURS.get(text, "")


def _moment(field: str) -> Callable[[Item], str]:
    return lambda item: at(item[field])


def _health(host: Item) -> str:
    """The health of a host, and for how long it has been so."""
    health, since = host["health"], host["health_at"]
    return f"{health} ({span(max(0.0, present() - seconds(since)))})" if since else health


def _health_colour(text: str) -> str:
    return _colour(text.partition(" ")[0])


def _vms_seen(host: Item) -> int | None:
    """How many VMs a host has; nobody knows before its first whole account."""
    return None if host["last_complete_at"] is None else host["vms_seen"]


def _disarmed(item: Item) -> str:
    """By whom and why; empty where automation is armed."""
    disarmed: Item | None = item["disarmed"]
    if disarmed is None:
        return ""
    why = f": {disarmed['why']}" if disarmed["why"] else ""
    return f"by {disarmed['by']}, {at(disarmed['at'])}{why}"


def reached(profile: Item) -> str:
    """How a host is reached, in words."""
    match profile["kind"]:
        case "ssh":
            place = f"ssh {profile['user']}@{profile['address']} port {profile['port']}"
        case "tls":
            place = f"tls {profile['address']} port {profile['port']}"
        case "loopback":
            place = f"loopback port {profile['port']}"
        case kind:
            place = str(kind)
    scope = f", {profile['scope']}" if "scope" in profile else ""
    credential = profile.get("credential")
    return place + scope + (f", credential {credential}" if credential else "")


def _fact(field: str) -> Callable[[Item], Any]:
    return lambda host: host["facts"] and host["facts"][field]


def _called(vm: Item) -> str:
    """The name of a VM, and what its host calls it where that differs."""
    name, there = vm["name"], vm["label"]
    return name if there == name else f"{name} (there: {there})"


def _operation(outcome: Item) -> Any:
    operation: Item = outcome["operation"] or {}
    return operation.get("id")


_HOST_COLUMNS: Final = (
    Column("NAME", itemgetter("name")),
    Column("CLUSTER", itemgetter("cluster")),
    Column("MODE", itemgetter("mode"), _colour),
    Column("HEALTH", _health, _health_colour),
    Column("VMS", _vms_seen),
    Column("LAST ACCOUNT", _moment("last_complete_at")),
    Column("DISARMED", _disarmed, lambda _text: "yellow"),
)
_TROUBLE_CHARACTERS_MAX: Final = 60
"""What a list has room for; `host show` has all of it."""
HOSTS: Final = Shape(
    "name",
    (
        *_HOST_COLUMNS,
        Column(
            "TROUBLE",
            lambda host: bounded(host["trouble"], _TROUBLE_CHARACTERS_MAX),
            lambda _text: "red",
        ),
        Column("REACHED BY", lambda host: reached(host["profile"]), wide=True),
        Column("VERSION", _fact("version"), wide=True),
        Column("UUID", itemgetter("uuid"), wide=True),
        Column("ID", itemgetter("id"), wide=True),
    ),
)
HOST: Final = Shape(
    "name",
    (
        *_HOST_COLUMNS,
        Column("TROUBLE", itemgetter("trouble")),
        Column("REACHED BY", lambda host: reached(host["profile"])),
        Column("HOST KEY", lambda host: host["profile"].get("host_key")),
        Column("HYPERVISOR", _fact("hypervisor")),
        Column("VERSION", _fact("version")),
        Column("HOSTNAME", _fact("hostname")),
        Column("UUID", itemgetter("uuid")),
        Column("CLAIMS TO BE", itemgetter("claims")),
        Column("ACCEPTED AS", itemgetter("accepted")),
        Column("LAST REPORT", _moment("last_report_at")),
        Column("WELL SINCE", _moment("well_since")),
        Column("FLAPS", itemgetter("flaps")),
        Column("ADDED", _moment("added_at")),
        Column("ID", itemgetter("id")),
    ),
)
ADDITIONS: Final = Shape(
    "name",
    (
        Column("NAME", itemgetter("name")),
        Column("STATE", itemgetter("state"), _colour),
        Column("VMS", itemgetter("vms")),
        Column("REASON", itemgetter("reason"), lambda _text: "red"),
    ),
)
OUTCOMES: Final = Shape(
    "vm",
    (
        Column("VM", itemgetter("vm")),
        Column("STATE", itemgetter("state"), _colour),
        Column("MESSAGE", itemgetter("message")),
        Column("OPERATION", _operation, wide=True),
    ),
)
CLUSTERS: Final = Shape(
    "name",
    (
        Column("NAME", itemgetter("name")),
        Column("UNKNOWN VMS", lambda item: item["policy"]["unknown_vms"]),
        Column("DRIFT", lambda item: item["policy"]["drift"]),
        Column("RESTART", lambda item: item["policy"]["restart"]),
        Column(
            "STOPS BY NAME GRANTED BY", lambda item: item["grant"] and item["grant"]["granted_by"]
        ),
        Column("DISARMED", _disarmed, lambda _text: "yellow"),
    ),
)
FLEET: Final = Shape(
    "id",
    (
        Column("ID", itemgetter("id")),
        Column("INSTANCE", itemgetter("instance")),
        Column("SIGNING KEY", itemgetter("key")),
        Column("FOUNDED", _moment("created_at")),
        Column("DISARMED", _disarmed, lambda _text: "yellow"),
        Column(
            "QUARANTINE SINCE", lambda item: item["quarantine"] and at(item["quarantine"]["since"])
        ),
    ),
)
KEYS: Final = Shape(
    "id",
    (
        Column("ID", itemgetter("id")),
        Column("SIGNS", itemgetter("signs")),
        Column("PUBLIC KEY (ED25519)", itemgetter("public")),
    ),
)
CREDENTIALS: Final = Shape(
    "name",
    (
        Column("NAME", itemgetter("name")),
        Column("KIND", itemgetter("kind")),
        Column("PUBLIC", itemgetter("public")),
        Column("GIVEN", _moment("created_at")),
    ),
)
PLANS: Final = Shape(
    "id",
    (
        Column("ID", itemgetter("id")),
        Column("HOST", itemgetter("host_name")),
        Column("STATE", itemgetter("state"), _colour),
        Column("ACTS", lambda plan: len(plan["acts"])),
        Column("HELD AT", _moment("held_at")),
        Column("BY", itemgetter("by")),
        Column("WHY", itemgetter("why")),
    ),
)
PLAN: Final = Shape(
    "id",
    (
        *PLANS.columns,
        Column("DECIDED AT", _moment("decided_at")),
        Column("EXPIRES AT", _moment("expires_at")),
    ),
)
ACTS: Final = Shape(
    "vm",
    (
        Column("ACT", itemgetter("act")),
        Column("VM", itemgetter("name")),
        Column("RULE", itemgetter("rule")),
        Column("WHY", itemgetter("why")),
        Column("UUID", itemgetter("vm")),
    ),
)
SETTINGS: Final = Shape(
    "setting",
    (Column("SETTING", itemgetter("setting")), Column("VALUE", itemgetter("value"))),
)
VMS: Final = Shape(
    "name",
    (
        Column("NAME", _called),
        Column("HOST", itemgetter("host")),
        Column("STANDING", lambda item: item["standing"] or item["finding"], _colour),
        Column("POWER", itemgetter("power"), _colour),
        Column("ASKED FOR", itemgetter("desired")),
        Column("AGE", lambda item: span(item["age_seconds"]), order=itemgetter("age_seconds")),
        Column("UUID", itemgetter("uuid"), wide=True),
        Column("PHASE", itemgetter("phase"), wide=True),
        Column("LABEL", itemgetter("label"), wide=True),
        Column("WHY", itemgetter("why"), wide=True),
    ),
)
VM: Final = Shape(
    "name",
    (
        *VMS.columns,
        Column("ALSO ON", lambda item: ", ".join(vm["host"] for vm in item["elsewhere"])),
    ),
)
OPERATIONS: Final = Shape(
    "id",
    (
        Column("ID", itemgetter("id")),
        Column("WHAT", itemgetter("kind")),
        Column("VM", itemgetter("name")),
        Column("HOST", itemgetter("host_name"), wide=True),
        Column("BY", itemgetter("actor")),
        Column("STATE", itemgetter("state"), _colour),
        Column("SINCE", _moment("created_at")),
        Column("ENDED", _moment("finished_at")),
        Column("MESSAGE", itemgetter("message")),
    ),
)
JOURNAL: Final = Shape(
    "id",
    (
        Column("AT", _moment("at")),
        Column("KIND", itemgetter("kind"), _colour),
        Column("BY", itemgetter("actor")),
        Column("VM", lambda entry: entry["name"] if entry["vm"] else None),
        Column("HOST", lambda entry: entry.get("host_name"), wide=True),
        Column("WHAT", itemgetter("what")),
        Column("ID", itemgetter("id"), wide=True),
    ),
)
