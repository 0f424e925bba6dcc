"""What is shipped for monitoring is true: page, alert rules, dashboard, and the metrics themselves.

Prometheus' own tool reads them; it comes with the Debian package `prometheus`.
"""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.doors import Door, at_door
from tests.servers import seen, vm
from tests.tidy.test_documents import anchors
from tests.tidy.tree import ROOT
from tools import dashboard, metrics
from vmuster.server.figures.catalogue import METRICS

PROMETHEUS = ROOT / "packaging" / "prometheus"
DASHBOARD: dict[str, Any] = json.loads(dashboard.OUTPUT.read_text(encoding="utf-8"))
ALERTS = metrics.alerts()
KNOWN = {metric.name for metric in METRICS}


def promtool(*words: str, stdin: str | None = None) -> str:
    """What promtool says; it has to be content."""
    tool = shutil.which("promtool")
    assert tool is not None, "apt-get install prometheus"
    done = subprocess.run(  # noqa: PLW1510 - its status is what is looked at
        [tool, *words], cwd=PROMETHEUS, input=stdin, capture_output=True, text=True, timeout=60
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    return said


def scraped() -> str:
    """A real answer, after something has happened."""

    async def act(door: Door) -> str:
        host = await door.parts.host()
        door.parts.context.weather.count([host])
        await door.parts.report(host, seen(vm(1)))
        await door.parts.adopt(vm(1))
        await door.ask("GET", "status")
        return (await door.ask("GET", "http://door/metrics", key="", peer="127.0.0.1")).text

    return at_door(act)


def panels() -> list[dict[str, Any]]:
    return [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]


def test_the_page_is_up_to_date() -> None:
    told = metrics.OUTPUT.read_text(encoding="utf-8")
    assert told == metrics.render(), "run 'python -m tools.metrics'"


def test_every_metric_and_label_is_on_the_page() -> None:
    page = metrics.render()
    for metric in METRICS:
        assert f"| `{metric.name}` | {metric.kind} | {metric.unit} |" in page
        for label in metric.labels:
            assert f"| `{label.name}` | " in page


def test_the_dashboard_is_up_to_date() -> None:
    told = dashboard.OUTPUT.read_text(encoding="utf-8")
    assert told == dashboard.render(), "run 'python -m tools.dashboard'"


def test_prometheus_takes_the_metrics() -> None:
    """It finds fault with names, units and texts as well."""
    assert promtool("check", "metrics", stdin=scraped()) == ""


def test_prometheus_takes_the_rules_and_they_fire_when_they_should() -> None:
    assert "SUCCESS" in promtool("check", "rules", "vmuster.rules.yml")
    assert "SUCCESS" in promtool("test", "rules", "vmuster.rules.test.yml")


def test_prometheus_takes_the_example() -> None:
    assert "SUCCESS" in promtool("check", "config", "--syntax-only", "prometheus.yml")


def test_every_alert_is_shown_to_fire_and_not_to_fire() -> None:
    document = yaml.safe_load((PROMETHEUS / "vmuster.rules.test.yml").read_text())
    calm, *stories = document["tests"]
    assert [case["exp_samples"] for case in calm["promql_expr_test"]] == [[]]
    fired = [
        re.findall(r'alertname="(\w+)"', sample["labels"])[0]
        for story in stories
        for case in story["promql_expr_test"]
        for sample in case["exp_samples"]
    ]
    assert fired == [each["alert"] for each in ALERTS]
    for story in stories:
        assert story["promql_expr_test"][0]["exp_samples"] == []


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_an_alert_says_what_to_do_and_where_it_is_written(alert: dict[str, Any]) -> None:
    said = alert["annotations"]
    assert alert["labels"]["severity"] in ("page", "warn")
    assert said["summary"]
    assert said["description"].endswith(".")
    page, _, section = said["runbook"].partition("#")
    assert section in anchors(ROOT / page)
    assert metrics.named(alert["expr"]) <= KNOWN
    assert metrics.named(alert["expr"]) or alert["expr"].startswith(("up", "absent"))


def test_the_dashboard_can_be_imported() -> None:
    assert DASHBOARD["schemaVersion"] >= 39
    assert "id" not in DASHBOARD, "an import gives it one"
    source, *_ = DASHBOARD["templating"]["list"]
    assert (source["type"], source["query"]) == ("datasource", "prometheus")
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(ids)) == len(ids) > 40
    rows = [panel["title"] for panel in DASHBOARD["panels"] if panel["type"] == "row"]
    assert rows == ["Fleet", "Passes", "Acts", "Hosts", "Server", "API"]
    for panel in panels():
        assert {panel["datasource"]["uid"]} == {"${datasource}"}
        assert {each["datasource"]["uid"] for each in panel["targets"]} == {"${datasource}"}


def test_no_panel_covers_another() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < 24
        taken |= cells


def test_every_expression_of_the_dashboard_is_one_and_asks_for_what_there_is(
    tmp_path: Path,
) -> None:
    asked = [each["expr"] for panel in panels() for each in panel["targets"]]
    rules = [
        {"record": f"panel:{number}", "expr": expression.replace("$__rate_interval", "5m")}
        for number, expression in enumerate(asked)
    ]
    file = tmp_path / "panels.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
    assert f"{len(asked)} rules found" in promtool("check", "rules", str(file))
    process = set(re.findall(r"^(process_\w+)", scraped(), re.MULTILINE))
    for expression in asked:
        assert metrics.named(expression) <= KNOWN
        assert set(re.findall(r"\bprocess_\w+", expression)) <= process


def test_every_metric_is_on_the_dashboard_or_says_why_not() -> None:
    shown = {name for expression in dashboard.expressions() for name in metrics.named(expression)}
    assert KNOWN - shown == {
        "vmuster_build_info",  # the instances to choose from
        "vmuster_counted_timestamp_seconds",
        "vmuster_journal_head",
        "vmuster_webhooks",
    }
