"""What a metric is made of."""

from vmuster.server.figures.metric import Label, MetricKind, counter, durations, gauge, worst

LABEL = Label(name="act", what="which", values=("a", "b"))


def test_each_maker_makes_its_kind() -> None:
    assert counter("a_total", "acts", "Acts.", LABEL).kind is MetricKind.COUNTER
    assert gauge("a", "acts", "Acts.", LABEL).labels == (LABEL,)
    assert not gauge("a", "acts", "Acts.").worst
    assert worst("a", "acts", "Acts.").worst
    assert worst("a", "acts", "Acts.").kind is MetricKind.GAUGE
    made = durations("a_seconds", "Long.", (1.0, 2.0), LABEL)
    assert (made.kind, made.unit, made.buckets) == (MetricKind.HISTOGRAM, "seconds", (1.0, 2.0))
