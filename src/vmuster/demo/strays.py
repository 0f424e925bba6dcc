"""Strays of ours, and a person's say in what vmuster does by itself: grant, disarm, approve."""

from typing import Final

from vmuster.demo.scene import STRAY, Scene

_MANY: Final = ("i-2-80-VM", "i-2-81-VM")


class Strays(Scene):
    """The steps in which vmuster acts by itself, or is kept from it."""

    _plan: str = ""

    def the_stray_is_stopped(self) -> None:
        """What a person granted is done, and only that."""
        self.narrator.step(
            "A person grants it: in cluster lab, strays with our names are put to rest"
        )
        granted = ["unknown_vms=stop-by-name", "stops_per_pass_max=1"]
        self.operator.types("cluster", "policy", "set", "lab", *granted, "--yes")
        self._put_to_rest("i-2-78-VM")

    def a_stray_appears(self) -> None:
        """A stray in the delta path ends in the same guarded stop."""
        self.narrator.step(
            "A stray is created later (the delta path): seen, looked at twice, put to rest"
        )
        self.define("gamma", "i-2-79-VM", STRAY)
        self._put_to_rest("i-2-79-VM")

    def a_person_disarms(self) -> None:
        """Disarmed, vmuster looks on, and says so."""
        self.narrator.step(
            "A person disarms a cluster: vmuster looks on, and does nothing by itself"
        )
        why = "storage maintenance"
        self.operator.types("disarm", "--cluster", "lab", "--why", why, rows=["automation", " "])
        for name in _MANY:
            self.define("gamma", name, STRAY)
        self.see(_MANY[-1], "disarmed", power="running", standing="lookalike")
        self._left_alone("while it is disarmed")

    def a_plan_is_held(self) -> None:
        """Armed again, with more to do than the budget allows: a person is asked."""
        self.narrator.step(
            "Armed again: two stops at once are over the budget, and a person is asked"
        )
        self.operator.types("arm", "--cluster", "lab", "--yes", rows=["automation"])
        plans = self.operator.until("a plan held", lambda: self.operator.asks("plan", "list"))
        self._plan = plans[0]["id"]
        self.operator.types("plan", "show", self._plan, rows=["id", "host", "state", "why", "stop"])
        self._left_alone("while the plan is held")

    def a_plan_is_approved(self) -> None:
        """Each act of an approved plan is proved again; a hung host elsewhere delays none."""
        self.narrator.step("Meanwhile a person approves the plan: gamma does not wait for beta")
        self.operator.types("plan", "approve", self._plan, "--yes", rows=["state", "Approved"])
        self._put_to_rest(*_MANY)

    def it_is_explained(self) -> None:
        """One command says why, with the proof."""
        self.narrator.step("Why was this VM stopped? One command")
        self.operator.types("vm", "explain", "i-2-78-VM")

    def _left_alone(self, when: str) -> None:
        """Check in the news that no command was made for the many strays."""
        strays = {str(self.ids[name]) for name in _MANY}
        told = [entry for entry in self.news() if entry["vm"] in strays]
        sent = [entry for entry in told if entry["kind"] == "command"]
        self.promise(f"{when}: {len(sent) or 'no'} command for the two", kept=not sent)

    def _put_to_rest(self, *names: str) -> None:
        """Wait until strays are saved to disk, and see that they can be continued."""
        grant = "vmuster: saved to disk, by a person's grant"
        for name in names:
            with self.witness.expecting(self.ids[name], grant, running=False):
                self.see(name, power="stopped")
        for name in names:
            self.settled(name)
            saved = self.domain("gamma", name).hasManagedSaveImage()
            self.promise(
                f"{name} is {'saved to disk: a start continues it' if saved else 'LOST'}",
                kept=bool(saved),
            )
        self.news()
