"""`/metrics`: what Prometheus is told, as text. From this machine no key is needed.

Nothing of the client library's global state is used: each answer is made of the server's own
figures, and of what the operating system says of the process.
"""

from collections.abc import Iterator
from typing import Final

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, CollectorRegistry, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector
from starlette.responses import Response

from vmuster.api.inputs.asking import ServiceOf
from vmuster.server.figures.catalogue import METRICS
from vmuster.server.figures.figures import Figures
from vmuster.server.figures.metric import Metric as Described
from vmuster.server.figures.metric import MetricKind, Sample

PATHS: Final = ("/metrics",)
router: Final = APIRouter()


@router.get("/metrics", include_in_schema=False)
async def show_metrics(service: ServiceOf) -> Response:
    """Every figure at this moment."""
    gauges = await service.scrape.gauges()
    registry = CollectorRegistry()
    registry.register(_Told(service.context.figures, gauges))
    ProcessCollector(registry=registry)
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)


class _Told(Collector):
    """The figures as the client library takes them."""

    def __init__(self, figures: Figures, gauges: dict[str, list[Sample]]) -> None:
        self._figures = figures
        self._gauges = gauges

    def describe(self) -> Iterator[Metric]:
        """Nothing beforehand: nobody else is in this registry under these names."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """Every metric of which there is anything to say."""
        for metric in METRICS:
            told = self._histogram(metric) if metric.buckets else self._numbers(metric)
            if told.samples:
                yield told

    def _numbers(self, metric: Described) -> Metric:
        family = _FAMILIES[metric.kind](metric.name, metric.what, labels=_names(metric))
        sums = self._figures.sums(metric, self._gauges.get(metric.name, ()))
        for labels, value in sums.items():
            family.add_metric(labels, value)
        return family

    def _histogram(self, metric: Described) -> Metric:
        family = HistogramMetricFamily(metric.name, metric.what, labels=_names(metric))
        for labels, each in self._figures.histograms(metric).items():
            family.add_metric(labels, buckets=each.buckets, sum_value=each.total)
        return family


_FAMILIES: Final = {
    MetricKind.COUNTER: CounterMetricFamily,
    MetricKind.GAUGE: GaugeMetricFamily,
}


def _names(metric: Described) -> list[str]:
    return [label.name for label in metric.labels]
