"""Writes packaging/grafana/vmuster.json: a dashboard for Grafana, from the table in `panels.py`.

Import it and choose the data source. Every expression goes by the instance that is chosen at the
top. Run: `python -m tools.dashboard`.
"""

import json
from pathlib import Path
from typing import Any, Final

from tools.panels import ROWS, Panel

OUTPUT: Final = Path(__file__).parents[1] / "packaging" / "grafana" / "vmuster.json"
_SCHEMA: Final = 41
"""Of Grafana's dashboards; it brings older ones up to date by itself."""
_COLUMNS, _HEIGHT = 24, 8

_SOURCE: Final = {"type": "prometheus", "uid": "${datasource}"}
_INSTANCE: Final = 'job=~"$job", instance=~"$instance"'


def render() -> str:
    """The whole dashboard, as JSON."""
    return json.dumps(_dashboard(), indent=1) + "\n"


def expressions() -> list[str]:
    """Every expression of it, as Grafana has it."""
    return [_spelt(each) for row in ROWS.values() for panel in row for each in panel.queries]


def _dashboard() -> dict[str, Any]:
    return {
        "__requires": [
            {"type": "grafana", "id": "grafana", "name": "Grafana", "version": "10.0.0"},
            {"type": "datasource", "id": "prometheus", "name": "Prometheus", "version": "1.0.0"},
        ],
        "uid": "vmuster",
        "title": "vmuster",
        "tags": ["vmuster"],
        "schemaVersion": _SCHEMA,
        "version": 1,
        "editable": True,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "",
        "templating": {"list": _variables()},
        "annotations": {"list": []},
        "links": [],
        "panels": _panels(),
    }


def _variables() -> list[dict[str, Any]]:
    source = {"name": "datasource", "label": "Data source", "type": "datasource"}
    return [
        {**source, "query": "prometheus", "current": {}, "hide": 0, "multi": False},
        _chosen("job", "label_values(vmuster_build_info, job)"),
        _chosen("instance", 'label_values(vmuster_build_info{job=~"$job"}, instance)'),
    ]


def _chosen(name: str, query: str) -> dict[str, Any]:
    return {
        "name": name,
        "type": "query",
        "datasource": _SOURCE,
        "definition": query,
        "query": {"query": query, "refId": name},
        "refresh": 2,
        "multi": True,
        "includeAll": True,
        "allValue": ".*",
        "current": {"text": "All", "value": "$__all"},
        "hide": 0,
    }


def _panels() -> list[dict[str, Any]]:
    panels: list[dict[str, Any]] = []
    y = 0
    for row, members in ROWS.items():
        panels.append({"type": "row", "title": row, "collapsed": False, "panels": []})
        panels[-1] |= {"id": len(panels), "gridPos": {"x": 0, "y": y, "w": _COLUMNS, "h": 1}}
        x, y, height = 0, y + 1, 0
        for panel in members:
            if x + panel.width > _COLUMNS:
                x, y = 0, y + height
            height = _HEIGHT if panel.kind == "timeseries" else _HEIGHT // 2
            place = {"x": x, "y": y, "w": panel.width, "h": height}
            panels.append({**_panel(panel), "id": len(panels) + 1, "gridPos": place})
            x += panel.width
        y += height
    return panels


def _panel(panel: Panel) -> dict[str, Any]:
    return {
        "type": panel.kind,
        "title": panel.title,
        "datasource": _SOURCE,
        "fieldConfig": {"defaults": {"unit": panel.unit}, "overrides": []},
        "options": {},
        "targets": [
            {
                "refId": chr(ord("A") + number),
                "datasource": _SOURCE,
                "expr": _spelt(expression),
                "legendFormat": legend,
            }
            for number, (expression, legend) in enumerate(panel.queries.items())
        ],
    }


def _spelt(expression: str) -> str:
    return expression.replace("$I", _INSTANCE).replace("$R", "$__rate_interval")


if __name__ == "__main__":
    OUTPUT.write_text(render(), encoding="utf-8")
