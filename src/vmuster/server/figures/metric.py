"""What a metric is: its name, what it says, and the labels that it has."""

from enum import StrEnum
from typing import Final

import msgspec

OTHER: Final = "other"
"""In the place of every value that a label has no room for."""


class MetricKind(StrEnum):
    """COUNTER only rises, and begins anew with the process; GAUGE is what is now."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """A label. `values`: all there can be; where they are not known beforehand there is none, and
    the first `most` that occur are taken: whatever comes after them is OTHER."""

    name: str
    what: str
    values: tuple[str, ...] = ()
    most: int = 0


class Metric(msgspec.Struct, frozen=True, kw_only=True):
    """A metric. `unit`: of its numbers; `buckets`: the upper bounds of a histogram's, but infinity.
    `worst`: of several numbers under one set of labels the highest counts, and not the sum."""

    name: str
    kind: MetricKind
    unit: str
    what: str
    labels: tuple[Label, ...] = ()
    buckets: tuple[float, ...] = ()
    worst: bool = False


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """One number of a gauge; `labels` in the order of the metric's."""

    metric: Metric
    value: float
    labels: tuple[str, ...] = ()


def counter(name: str, unit: str, what: str, *labels: Label) -> Metric:
    """A counter."""
    return Metric(name=name, kind=MetricKind.COUNTER, unit=unit, what=what, labels=labels)


def gauge(name: str, unit: str, what: str, *labels: Label) -> Metric:
    """A gauge whose numbers add up."""
    return Metric(name=name, kind=MetricKind.GAUGE, unit=unit, what=what, labels=labels)


def worst(name: str, unit: str, what: str, *labels: Label) -> Metric:
    """A gauge of which the highest number counts."""
    return Metric(name=name, kind=MetricKind.GAUGE, unit=unit, what=what, labels=labels, worst=True)


def durations(name: str, what: str, buckets: tuple[float, ...], *labels: Label) -> Metric:
    """A histogram of seconds."""
    return Metric(
        name=name,
        kind=MetricKind.HISTOGRAM,
        unit="seconds",
        what=what,
        labels=labels,
        buckets=buckets,
    )
