"""What breaks in the story: hypervisors that hang, die or forget, and the server itself."""

import time
from typing import Final

from vmuster.demo.scene import SHORT_TIMES, Scene
from vmuster.demo.stage import forget

_SWEEP_SECONDS: Final = 2.0
"""A round of the server's watch: by then it would have said what it thinks of a silence."""


class Breaking(Scene):
    """The steps in which something breaks. While it does, nothing is concluded from silence."""

    _hung_at: float = 0.0

    def daemon_hangs(self) -> None:
        """A daemon that hangs is told from a host that is dead."""
        self.narrator.step("libvirtd hangs (SIGSTOP): its host lives, and so do the VMs")
        self.hosts["beta"].freeze_daemon()
        self._hung_at = time.monotonic()
        self.narrator.hand("SIGSTOP of beta's libvirtd: it takes calls and answers none")
        self.operator.until("beta told from a dead host", self._known_to_live)
        self.operator.types("status")
        self.narrator.fact("beta's VMs keep their last state:")
        self.all_kept("beta")
        self.news()

    def hung_daemon_goes_on(self) -> None:
        """However long it hangs, its host is not given up; then it comes back by itself."""
        self.narrator.step("However long it hangs, its host is not taken for dead")
        patience = SHORT_TIMES["unreachable_after_seconds"]
        self.witness.wait(
            lambda: time.monotonic() - self._hung_at > patience + _SWEEP_SECONDS,
            "the clock stands still",
        )
        beta, hung = self.host("beta"), time.monotonic() - self._hung_at
        self.promise(
            f"beta has hung for {hung:.0f} s, where a dead host is unreachable after"
            f" {patience:g} s: it is {beta['health']}",
            kept=beta["health"] == "suspect",
        )
        self.news()
        self.hosts["beta"].thaw_daemon()
        self.narrator.hand("SIGCONT of beta's libvirtd")
        self.operator.until("beta up", lambda: self.host("beta")["health"] == "up")
        self.narrator.fact("beta is up again, by itself")

    def _known_to_live(self) -> bool:
        beta = self.host("beta")
        return beta["health"] == "suspect" and "the host itself lives" in beta["trouble"]

    def daemon_is_killed(self) -> None:
        """A dead daemon: no account, and nothing is concluded from that."""
        self.narrator.step("libvirtd is killed -9 and started again")
        self.hosts["alpha"].kill_daemon()
        self.narrator.hand("kill -9 of alpha's libvirtd")
        trouble = self.operator.until("alpha in trouble", lambda: self.host("alpha")["trouble"])
        self.narrator.fact(f"alpha gives no account ({trouble}); its VMs keep their last state:")
        self.all_kept("alpha")
        self.hosts["alpha"].start()
        self.narrator.hand("started alpha's libvirtd")
        self.operator.until("alpha back", lambda: not self.host("alpha")["trouble"])
        self.news()

    def a_list_is_empty(self) -> None:
        """An empty list where processes run is not believed."""
        self.narrator.step("A hypervisor answers with an empty list, although its VMs run")
        gamma = self.hosts["gamma"]
        mend = forget(gamma)
        self.narrator.hand("gamma's libvirtd restarted without its state: it now lists no VM")
        listed, running = len(gamma.hand.listAllDomains()), len(gamma.guest_pids())
        self.narrator.fact(f"libvirt says {listed} VMs; {running} QEMU processes are running")
        trouble = self.operator.until("gamma doubted", self._doubt)
        self.narrator.fact(f"vmuster does not believe it: {trouble}")
        self.all_kept("gamma")
        mend()
        self.narrator.hand("mended gamma")
        self.operator.until("gamma back", lambda: not self.host("gamma")["trouble"])
        self.news()

    def _doubt(self) -> str:
        """What vmuster says of gamma's empty list, once it does."""
        trouble = self.host("gamma")["trouble"]
        return trouble if "empty" in trouble else ""

    def server_is_killed(self) -> None:
        """A request that was acknowledged outlives the server."""
        self.narrator.step(
            "The server is killed -9 in mid-work: a stop was asked for, and must come"
        )
        uuid = self.ids["app-01"]
        with self.witness.expecting(uuid, "vmuster, as asked: vm stop", running=False):
            self.operator.types("vm", "stop", "app-01", "--no-wait", rows=["state"])
            self.server.kill()
            self.narrator.hand("kill -9 of the server")
            for surprise in self.witness.look("while the server is dead"):
                self.narrator.failure(surprise)
            self.server.start()
            self.narrator.hand("started the server")
        self.see("app-01", power="stopped")
        self.settled("app-01")
        with self.witness.expecting(uuid, "vmuster, as asked: vm start", running=True):
            self.operator.types("vm", "start", "app-01", rows=["state", "message"])
        self.news()
