"""A small fleet is never larger than the whole one."""

from bench.sizes import Sizes


def test_growth_is_measured_from_the_smaller_fleet() -> None:
    assert Sizes(hosts=100, small_hosts=10, vms=5).small().all_vms == 50
    assert Sizes(hosts=4, small_hosts=10, vms=5).small() == Sizes(hosts=4, vms=5).shape()
    assert Sizes().shape().all_vms == 500_000
    assert Sizes().small().all_vms == 10_000
