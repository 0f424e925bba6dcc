"""Names are untrusted text: whatever a hypervisor calls a VM, a driver shows it, bounded."""

import pytest

from tests.conformance.drivers.rigs import MARK, Rig, leave_to_mark, seen
from tests.conformance.drivers.simulated_rig import SimulatedRig
from vmuster.model.text import NAME_CHARACTERS_MAX
from vmuster.ports.driver import Driver

pytestmark = pytest.mark.anyio

NAMES = [
    "<img src=x onerror=alert(1)>",
    "a';id;'$(id)`id`",
    "--all",
    "-uuid",
    'x"><uuid>00000000-0000-0000-0000-000000000001<uuid><name y="',
    "&lt;name&gt; &amp; \"quotes\" 'quotes'",
    "]]><!-- -->",
    "right\u202eleft",
    "zero\u200bwidth",
    "csi\u009b31m",
    "cafe\u0301",
    "tab\there",
    "i-2-3-VM",
    "i-\u0662-3-VM",
    "...",
    "%s%n{0}",
    "N" * 200,
]


@pytest.mark.parametrize("name", NAMES)
async def test_a_name_is_shown_as_it_is_and_changes_nothing(
    rig: Rig, driver: Driver, name: str
) -> None:
    vm = rig.define(name=name)
    listing = await driver.list_vms()
    assert [(one.uuid, one.name) for one in listing.vms] == [(vm, name)]
    assert await driver.write_mark(vm, leave_to_mark(vm)) is None
    assert rig.config_mark(vm) == MARK
    assert (await seen(driver, vm)).name == name


@pytest.mark.parametrize("name", ["..", "a/b", "line\nfeed", "\x1b[31mred", "x</name><name>y"])
async def test_a_name_that_libvirt_would_refuse_is_shown_too(name: str) -> None:
    rig = SimulatedRig()
    driver = rig.driver()
    _ = await driver.open(read_only=True)
    assert (await seen(driver, rig.define(name=name))).name == name


async def test_a_huge_name_is_cut() -> None:
    rig = SimulatedRig()
    driver = rig.driver()
    _ = await driver.open(read_only=True)
    assert len((await seen(driver, rig.define(name="L" * 1_000_000))).name) == NAME_CHARACTERS_MAX
