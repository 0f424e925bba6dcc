"""Writes docs/metrics.md: every metric, its labels and their values, and the alerts that use it.

The page is made from the catalogue and from the alert rules, and from nothing else; a test fails
when it is stale. Run: `python -m tools.metrics`.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from vmuster.server.figures.catalogue import METRICS
from vmuster.server.figures.metric import Label, Metric

ROOT: Final = Path(__file__).parents[1]
OUTPUT: Final = ROOT / "docs" / "metrics.md"
RULES: Final = ROOT / "packaging" / "prometheus" / "vmuster.rules.yml"
_NAME: Final = re.compile(r"\bvmuster_\w+")
_SPELT_MAX: Final = 20
"""A label with more values than these says itself where they stand."""

_HEAD: Final = """\
# Metrics

What vmuster tells Prometheus, and the alerts that are made of it. Written by `tools/metrics.py`
from the catalogue (`server/figures/catalogue.py`) and the
[rules](../packaging/prometheus/vmuster.rules.yml); do not edit it by hand.

## Being scraped

`GET /metrics` is Prometheus' text format. From the server's own machine no key is needed; from
elsewhere it takes one of scope `read`, over TLS as everything there. A request that a proxy of this
machine passes on comes from elsewhere. [packaging/prometheus](../packaging/prometheus) has a scrape
job with a key file, the alert rules and their tests; there is a
[dashboard](../packaging/grafana/vmuster.json) for Grafana: import it, and choose the data source.

* Counters are of the process, and begin at 0 with it: `rate` and `increase` know that.
* What the database counts is at most a few seconds old, and of a large fleet, where counting takes
  longer, at most a minute. No scrape waits for it: the first of a large fleet comes without.
  `vmuster_counted_timestamp_seconds` says when it was. Where the database does not answer, these
  metrics are not there.
* No label has a value that comes from a VM, a host or a request. The names of clusters are people's
  own: the first {clusters} stand for themselves, and the rest together are `other`.
* `process_*` (CPU, memory, files, start time) are as every Prometheus client has them.
"""


def render() -> str:
    """The whole page."""
    clusters = next(
        label.most for metric in METRICS for label in metric.labels if label.name == "cluster"
    )
    return "".join([_HEAD.format(clusters=clusters), *_metrics(), *_labels(), *_alerts()])


def alerts() -> list[dict[str, Any]]:
    """The alert rules, in their order; recorded series are spelt out in their expressions."""
    document = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    rules: list[dict[str, Any]] = [each for of in document["groups"] for each in of["rules"]]
    recorded = {each["record"]: each["expr"] for each in rules if "record" in each}
    found = [dict(each) for each in rules if "alert" in each]
    for each in found:
        for name, expression in recorded.items():
            each["expr"] = each["expr"].replace(name, expression)
    return found


def named(expression: str) -> set[str]:
    """The metrics of ours in an expression, by their names in the catalogue."""
    known = {metric.name for metric in METRICS}
    return {
        name if name in known else re.sub(r"_(bucket|sum|count)$", "", name)
        for name in _NAME.findall(expression)
    }


def _metrics() -> Iterator[str]:
    yield "\n## Every metric\n\n| metric | type | unit | labels | says | alerts |\n"
    yield "|---|---|---|---|---|---|\n"
    for metric in METRICS:
        labels = ", ".join(f"`{label.name}`" for label in metric.labels)
        using = ", ".join(
            f"[{each['alert']}](#{each['alert'].lower()})"
            for each in alerts()
            if metric.name in named(each["expr"])
        )
        cells = (f"`{metric.name}`", metric.kind, metric.unit, labels, metric.what, using)
        yield f"| {' | '.join(cells)} |\n"


def _labels() -> Iterator[str]:
    yield "\n## Every label\n\n| label | of | says | values |\n|---|---|---|---|\n"
    for label, metrics in _by_label():
        of = ", ".join(f"`{metric.name}`" for metric in metrics)
        yield f"| `{label.name}` | {of} | {label.what} | {_values(label)} |\n"


def _by_label() -> list[tuple[Label, list[Metric]]]:
    labels = dict.fromkeys(label for metric in METRICS for label in metric.labels)
    return [(label, [each for each in METRICS if label in each.labels]) for label in labels]


def _values(label: Label) -> str:
    if not label.values:
        return f"at most {label.most}, and `other`" if label.most > 1 else "one"
    if len(label.values) > _SPELT_MAX:
        return "none else"
    return " ".join(f"`{value}`" for value in label.values)


def _alerts() -> Iterator[str]:
    yield "\n## Every alert\n"
    for each in alerts():
        said = each["annotations"]
        wait = f" for {each['for']}" if "for" in each else ""
        yield f"\n### {each['alert']}\n\n"
        yield f"* When{wait}: `{' '.join(each['expr'].split())}`\n"
        yield f"* It says ({each['labels']['severity']}): {_plain(said['summary'])}\n"
        yield f"* What to do: {said['description']} See [there]({_link(said['runbook'])}).\n"


def _plain(summary: str) -> str:
    """A summary with the names of what is filled in, and without the template's signs."""
    return re.sub(r"{{ \$(?:labels\.)?(\w+)[^}]*}}", r"*\1*", summary)


def _link(runbook: str) -> str:
    return runbook.removeprefix("docs/").removeprefix("metrics.md")


if __name__ == "__main__":
    OUTPUT.write_text(render(), encoding="utf-8")
