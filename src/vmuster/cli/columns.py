"""Which columns the tables have, for each kind of thing."""

from collections.abc import Callable
from operator import itemgetter
from typing import Final

from vmuster.cli.moments import at, span
from vmuster.cli.printing import Column, Item, Shape

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
    "alert": "red",
    "held": "red",
    "command": "yellow",
}


def _colour(text: str) -> str:
    return _COLOURS.get(text, "")


def _moment(field: str) -> Callable[[Item], str]:
    return lambda item: at(item[field])


HOSTS: Final = Shape(
    "name",
    (
        Column("NAME", itemgetter("name")),
        Column("CLUSTER", itemgetter("cluster")),
        Column("MODE", itemgetter("mode"), _colour),
        Column("HEALTH", itemgetter("health"), _colour),
        Column("VMS", itemgetter("vms_seen")),
        Column("LAST ACCOUNT", _moment("last_complete_at")),
        Column("ID", itemgetter("id")),
        Column("TROUBLE", itemgetter("trouble"), lambda _text: "red"),
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
    ),
)
SETTINGS: Final = Shape(
    "setting",
    (Column("SETTING", itemgetter("setting")), Column("VALUE", itemgetter("value"))),
)
VMS: Final = Shape(
    "name",
    (
        Column("NAME", itemgetter("name")),
        Column("HOST", itemgetter("host")),
        Column("STANDING", lambda item: item["standing"] or item["finding"], _colour),
        Column("POWER", itemgetter("power"), _colour),
        Column("ASKED FOR", itemgetter("desired")),
        Column("AGE", lambda item: span(item["age_seconds"])),
        Column("UUID", itemgetter("uuid")),
    ),
)
VM: Final = Shape(
    "name",
    (
        *VMS.columns,
        Column("PHASE", itemgetter("phase")),
        Column("LABEL", itemgetter("label")),
        Column("WHY", itemgetter("why")),
        Column("ALSO ON", lambda item: ", ".join(vm["host"] for vm in item["elsewhere"])),
    ),
)
OPERATIONS: Final = Shape(
    "id",
    (
        Column("ID", itemgetter("id")),
        Column("WHAT", itemgetter("kind")),
        Column("VM", itemgetter("name")),
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
        Column("VM", itemgetter("name")),
        Column("WHAT", itemgetter("what")),
    ),
)
