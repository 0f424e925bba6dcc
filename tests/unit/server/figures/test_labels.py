"""Every label is closed or bounded, and the catalogue keeps to Prometheus' manners."""

import re

import pytest

from vmuster.reconcile.rules import CATALOGUE
from vmuster.server.figures import labels
from vmuster.server.figures.catalogue import METRICS
from vmuster.server.figures.metric import Label, Metric, MetricKind

LABELS = [value for value in vars(labels).values() if isinstance(value, Label)]


@pytest.mark.parametrize("label", LABELS, ids=lambda label: label.name)
def test_a_label_is_closed_or_bounded(label: Label) -> None:
    assert bool(label.values) != bool(label.most)
    assert len(set(label.values)) == len(label.values)
    assert label.most <= 200


def test_every_label_is_used() -> None:
    assert {label.name for label in LABELS} == {each.name for m in METRICS for each in m.labels}


def test_every_rule_is_a_value() -> None:
    assert set(labels.RULE.values) == {*CATALOGUE, "none", "other"}


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_names_say_what_is_measured_and_in_what(metric: Metric) -> None:
    assert re.fullmatch(r"vmuster(_[a-z]+)+", metric.name)
    assert metric.name.endswith("_total") is (metric.kind is MetricKind.COUNTER)
    assert metric.name.endswith("_seconds") is metric.unit.startswith("seconds")
    assert metric.name.endswith("_bytes") is (metric.unit == "bytes")
    assert bool(metric.buckets) is (metric.kind is MetricKind.HISTOGRAM)
    assert metric.what.endswith(".")


def test_no_name_comes_twice() -> None:
    assert len({metric.name for metric in METRICS}) == len(METRICS) > 40
