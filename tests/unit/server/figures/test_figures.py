"""How figures add up, and how many values a label can come to have."""

from vmuster.server.figures import catalogue as of
from vmuster.server.figures.figures import Figures, Histogram
from vmuster.server.figures.labels import CLUSTERS_MAX
from vmuster.server.figures.metric import Sample


def test_what_is_counted_adds_up_under_its_labels() -> None:
    figures = Figures()
    figures.add(of.PASSES, "taken")
    figures.add(of.PASSES, "taken", by=2)
    figures.add(of.PASSES, "held")
    told = figures.sums(of.PASSES, ())
    assert (told["taken",], told["held",]) == (3, 1)


def test_what_has_not_happened_yet_is_told_as_none() -> None:
    """So that the first time is a rise."""
    figures = Figures()
    assert figures.sums(of.VIOLATIONS, ()) == {(): 0.0}
    assert set(figures.sums(of.PASSES, ()).values()) == {0.0}
    assert figures.sums(of.ALERTS, ())["too-many-stops",] == 0.0
    assert figures.sums(of.REQUESTS, ()) == {}
    assert figures.sums(of.HOSTS, ()) == {}


def test_a_value_that_is_none_of_a_label_is_other() -> None:
    figures = Figures()
    figures.add(of.DECISIONS, "\x1b[31mforged")
    assert figures.sums(of.DECISIONS, ())["other",] == 1
    assert figures.sums(of.DECISIONS, ()).keys() == Figures().sums(of.DECISIONS, ()).keys()


def test_a_hundred_thousand_clusters_are_fifty_and_the_others() -> None:
    figures = Figures()
    for number in range(100_000):
        figures.add(of.AUTOMATIC_ACTS, f"cluster-{number}", "stop")
    told = figures.sums(of.AUTOMATIC_ACTS, ())
    assert len(told) == CLUSTERS_MAX + 1
    assert told["other", "stop"] == 100_000 - CLUSTERS_MAX
    assert told["cluster-0", "stop"] == 1


def test_a_cluster_has_one_name_in_all_metrics() -> None:
    figures = Figures()
    for number in range(CLUSTERS_MAX):
        figures.add(of.AUTOMATIC_ACTS, f"cluster-{number}", "stop")
    late = Sample(metric=of.BREAKER, value=1, labels=("late",))
    early = Sample(metric=of.BREAKER, value=0, labels=("cluster-7",))
    assert figures.sums(of.BREAKER, (late, early)) == {("other",): 1, ("cluster-7",): 0}


def test_numbers_under_one_label_are_added_or_the_worst_counts() -> None:
    figures = Figures()
    hosts = [Sample(metric=of.HOSTS_REFUSED, value=n, labels=("a",)) for n in (2, 3)]
    ages = [Sample(metric=of.ACCOUNT_AGE, value=n, labels=("a",)) for n in (2, 3, 1)]
    assert figures.sums(of.HOSTS_REFUSED, hosts) == {("a",): 5}
    assert figures.sums(of.ACCOUNT_AGE, ages) == {("a",): 3}


def test_a_gauge_that_is_counted_goes_up_and_down() -> None:
    figures = Figures()
    figures.add(of.IN_FLIGHT)
    figures.add(of.IN_FLIGHT, by=-1)
    assert figures.sums(of.IN_FLIGHT, ()) == {(): 0}


def test_a_histogram_counts_what_is_not_above_a_bound() -> None:
    histogram = Histogram((1.0, 2.0))
    for amount in (0.5, 1.0, 1.5, 9.0):
        histogram.observe(amount)
    assert histogram.buckets == [("1.0", 2), ("2.0", 3), ("+Inf", 4)]
    assert histogram.total == 12.0


def test_durations_are_told_by_label() -> None:
    figures = Figures()
    figures.observe(of.OPERATION_SECONDS, 3.0, "stop")
    figures.observe(of.REQUEST_SECONDS, 0.1, "/livez", "GET")
    told = figures.histograms(of.OPERATION_SECONDS)
    assert (told["stop",].total, told["start",].total) == (3.0, 0.0)
    assert figures.histograms(of.REQUEST_SECONDS)["/livez", "GET"].total == 0.1


def test_sources_are_asked_each_time() -> None:
    figures, sizes = Figures(), [1.0]
    figures.watch(lambda: [Sample(metric=of.DATABASE_BYTES, value=sizes[0], labels=("wal",))])
    assert [sample.value for sample in figures.watched()] == [1.0]
    sizes[0] = 2.0
    assert [sample.value for sample in figures.watched()] == [2.0]
