"""The figures of one server, as they add up: for the rooms to call, and for a scrape to read."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable
from itertools import product
from typing import Final

from vmuster.server.figures.catalogue import METRICS
from vmuster.server.figures.metric import OTHER, Label, Metric, MetricKind, Sample

_BEGUN_MAX: Final = 200
"""Sets of labels that a counter has from the beginning on: the first event of a kind is a rise
then, and not the appearance of something new."""


class Histogram:
    """How many were at most as long as each of `bounds`, and in all; and their sum."""

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.total = 0.0
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)

    def observe(self, amount: float) -> None:
        """One more, of this length."""
        self._counts[bisect_left(self._bounds, amount)] += 1
        self.total += amount

    @property
    def buckets(self) -> list[tuple[str, float]]:
        """Bound and number, of all that are not above it."""
        told: list[tuple[str, float]] = []
        number = 0
        for bound, count in zip((*self._bounds, float("inf")), self._counts, strict=True):
            number += count
            told.append(("+Inf" if bound == float("inf") else str(bound), number))
        return told


class Figures:
    """The figures. Only the event loop touches them, so that nothing is locked."""

    def __init__(self) -> None:
        self._sums: dict[str, dict[tuple[str, ...], float]] = {
            metric.name: dict.fromkeys(_begun(metric), 0.0) for metric in METRICS
        }
        self._histograms: dict[str, dict[tuple[str, ...], Histogram]] = {
            metric.name: {labels: Histogram(metric.buckets) for labels in _begun(metric)}
            for metric in METRICS
            if metric.kind is MetricKind.HISTOGRAM
        }
        self._values: defaultdict[str, set[str]] = defaultdict(set)
        self._sources: list[Callable[[], Iterable[Sample]]] = []

    def add(self, metric: Metric, *labels: str, by: float = 1.0) -> None:
        """`by` more under these labels."""
        sums = self._sums[metric.name]
        key = labels if labels in sums else self._bounded(metric, labels)
        sums[key] = sums.get(key, 0.0) + by

    def observe(self, metric: Metric, seconds: float, *labels: str) -> None:
        """One more of this length."""
        histograms, key = self._histograms[metric.name], self._bounded(metric, labels)
        if key not in histograms:
            histograms[key] = Histogram(metric.buckets)
        histograms[key].observe(seconds)

    def watch(self, source: Callable[[], Iterable[Sample]]) -> None:
        """Ask `source` for its numbers whenever somebody asks for all. It must not wait."""
        self._sources.append(source)

    def sums(self, metric: Metric, more: Iterable[Sample]) -> dict[tuple[str, ...], float]:
        """The numbers of a counter, or of a gauge with those of `more`, by labels."""
        found = dict(self._sums[metric.name])
        for sample in more:
            key = self._bounded(metric, sample.labels)
            known = found.get(key)
            if known is None:
                found[key] = sample.value
            else:
                found[key] = max(known, sample.value) if metric.worst else known + sample.value
        return found

    def histograms(self, metric: Metric) -> dict[tuple[str, ...], Histogram]:
        """The histograms of a metric, by labels."""
        return self._histograms[metric.name]

    def watched(self) -> list[Sample]:
        """What the sources say now."""
        return [sample for source in self._sources for sample in source()]

    def _bounded(self, metric: Metric, values: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(
            self._value(label, value) for label, value in zip(metric.labels, values, strict=True)
        )

    def _value(self, label: Label, value: str) -> str:
        """`value` as the label has it: itself while there is room."""
        if label.values:
            return value if value in label.values else OTHER
        known = self._values[label.name]
        if value not in known:
            if len(known) >= label.most:
                return OTHER
            known.add(value)
        return value


def _begun(metric: Metric) -> list[tuple[str, ...]]:
    """The labels that are there before anything has happened."""
    if metric.kind is MetricKind.GAUGE:
        return []
    values = [label.values for label in metric.labels]
    found = [] if not all(values) else list(product(*values))
    return found if len(found) <= _BEGUN_MAX else []
