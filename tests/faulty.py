"""A small simulated world in which things break by their sentences."""

import asyncio
from collections.abc import Awaitable, Callable

from tests.simworlds import SmallWorld
from vmuster.sim.verbs.grammar import GRAMMAR
from vmuster.sim.world.host import SimHost


async def until(so: Callable[[], bool], seconds: float = 120.0) -> None:
    """Let time pass until it is so; raises `TimeoutError` where it is not, within these seconds."""
    for _each in range(int(seconds * 10)):
        if so():
            return
        await asyncio.sleep(0.1)
    raise TimeoutError


class Faulty(SmallWorld):
    """On each host runs a VM: `web-alpha`, `web-beta`."""

    def play(self, main: Callable[["Faulty"], Awaitable[None]]) -> None:
        """Run `main` in it."""

        async def story() -> None:
            for name in self.world.hosts:
                vm = f"web-{name}"
                _ = self.host_there(name).hypervisor.define(self.world.vm(vm), vm, running=True)
            await main(self)

        self.run(story)

    def host_there(self, name: str) -> SimHost:
        """A host of the world."""
        return self.world.hosts[name]

    async def happens(self, *sentences: str) -> None:
        """Have it happen, one after the other."""
        for sentence in sentences:
            await GRAMMAR.do(self.world, GRAMMAR.step(sentence, None))
