"""Growth is the difference of two processes, for each VM that one has more."""

import pytest

from bench import memory
from bench.fleets import Shape
from bench.sizes import Sizes

pytestmark = pytest.mark.anyio
SIZES = Sizes(hosts=10, small_hosts=2, vms=5, repeats=3)


async def test_a_server_that_has_heard_its_fleet_says_how_large_it_is() -> None:
    assert await memory.served(Shape(hosts=2, vms=3)) > 10 * memory.MIB


@pytest.mark.parametrize(("bytes_per_vm", "ok"), [(150, True), (151, False)])
async def test_growth_is_for_each_vm_more(
    monkeypatch: pytest.MonkeyPatch, bytes_per_vm: int, ok: bool
) -> None:
    def measured(shape: Shape) -> int:
        return 50 * memory.MIB + bytes_per_vm * shape.all_vms

    monkeypatch.setattr(memory, "measured", measured)
    growth, _, whole = (await memory.run(SIZES)).rows
    assert growth.value == bytes_per_vm
    assert growth.ok is ok
    assert whole.value > 50
