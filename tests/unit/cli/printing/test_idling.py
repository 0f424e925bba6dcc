"""Why nothing automatic is done somewhere, and what ends that."""

from typing import Any

import pytest

from tests.unit.cli.printing.test_morning import DISARMED, NOW, QUIET, cluster, trouble
from vmuster.cli.printing.idling import reasons, reasons_at


def at(status: dict[str, Any], host: str = "h1", where: str = "default") -> list[str]:
    return reasons_at(status, host=host, cluster=where)


def test_nothing_stops_a_fleet_at_peace() -> None:
    assert list(reasons(QUIET)) == at(QUIET) == []


@pytest.mark.parametrize(
    ("status", "ends"),
    [
        ({**QUIET, "quarantine": {"since": "2026-01-01T00:00:00Z"}}, "vmuster quarantine show"),
        ({**QUIET, "disarmed": DISARMED}, "'vmuster arm' ends it"),
        (cluster(disarmed=DISARMED), "'vmuster arm --cluster default' ends it"),
        (cluster(quiet_seconds=200.0), "3 min left"),
        ({**QUIET, "disarmed_hosts": {"h1": DISARMED}}, "'vmuster arm --host h1' ends it"),
        ({**QUIET, "troubled": [trouble(1)]}, "h1 is unreachable (no answer)"),
    ],
    ids=["quarantine", "fleet", "cluster", "quiet", "host", "not up"],
)
def test_a_reason_names_what_ends_it(status: dict[str, Any], ends: str) -> None:
    (said,) = at(status)
    assert ends in said


def test_what_holds_elsewhere_holds_not_here() -> None:
    status = {**cluster(disarmed=DISARMED), "disarmed_hosts": {"h2": DISARMED}}
    status["troubled"] = [trouble(3), trouble(1, health="up", since=NOW)]
    assert at(status, where="north") == []
    assert len(list(reasons(status))) == 2
