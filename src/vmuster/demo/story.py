"""The story: the old incident does not happen, told step by step on real hypervisors.

Every act by hand is announced to the witness first; after each step the witness compares every
process with what it expects.
"""

import os
import signal
from uuid import uuid4
from xml.etree import ElementTree

import libvirt
from defusedxml.ElementTree import fromstring

from vmuster.demo.breaking import Breaking
from vmuster.demo.guests import Behaviour
from vmuster.demo.scene import CLONE, OWNED, SHORT_TIMES, STRANGER, STRAY
from vmuster.demo.strays import Strays
from vmuster.model.policy import Policy


class Story(Strays, Breaking):
    """The demo from its first step to its last; `tell` plays it."""

    def tell(self) -> None:
        """Play every step. What must not be is in `witness.surprises` afterwards."""
        for step in (
            self._strangers_live_here,
            self._hosts_are_observed,
            self._hosts_are_managed,
            self._ours_are_adopted,
            self.the_stray_is_stopped,
            self._strangers_go_off_and_on,
            self._a_stranger_appears,
            self.a_stray_appears,
            self._a_clone_appears,
            self._a_stranger_is_moved,
            self.a_person_disarms,
            self.a_plan_is_held,
            self.daemon_hangs,
            self.a_plan_is_approved,
            self.hung_daemon_goes_on,
            self.daemon_is_killed,
            self.a_list_is_empty,
            self.server_is_killed,
            self._ours_live_their_lives,
            self.it_is_explained,
        ):
            step()
            for surprise in self.witness.look(step.__name__.strip("_").replace("_", " ")):
                self.narrator.failure(surprise)

    # ---- the stage is set

    def _strangers_live_here(self) -> None:
        self.narrator.step("Three hypervisors that were never built for a cloud manager")
        for host, name, role in (
            ("alpha", "web-01", STRANGER),
            ("alpha", "db-01", OWNED),
            ("beta", "app-01", OWNED),
            ("beta", "mail-01", STRANGER),
            ("gamma", "Windows 7 (32-bit) (1)", STRANGER),
            ("gamma", "i-9-99-OTHER", STRANGER),
            ("gamma", "i-2-78-VM", STRAY),
        ):
            deaf = name == "app-01"
            self.define(host, name, role, Behaviour.DEAF if deaf else Behaviour.OBEDIENT)
        self.narrator.fact(f"{len(self.ids)} QEMU processes, their ids noted by the demo itself")

    def _hosts_are_observed(self) -> None:
        self.narrator.step("The hosts are added. OBSERVE: nothing is ever changed there")
        types = self.operator.types
        types("cluster", "add", "lab", rows=["name", "unknown vms"])
        for host in self.hosts:
            port = str(self.hosts[host].port)
            cluster = "lab" if host == "gamma" else "default"
            types("host", "add", host, "--loopback", port, "--cluster", cluster)
        types("vm", "list")
        defaults = Policy()
        self.narrator.plain()
        self.narrator.plain("    This demo is in a hurry; its times, and the defaults:")
        for name, seconds in SHORT_TIMES.items():
            self.narrator.plain(
                f"      {name:24} {seconds:>5g} s   (default {getattr(defaults, name):g} s)"
            )
        settings = [f"{name}={seconds:g}" for name, seconds in SHORT_TIMES.items()]
        types("cluster", "policy", "set", "default", *settings, quiet=True)
        types("cluster", "policy", "set", "lab", *settings, quiet=True)
        self.news()
        self.narrator.plain(
            "    CloudStack 4.0.2 would send StopCommand to 'Windows 7 (32-bit) (1)' at its next\n"
            "    change; with the proposed name guard, still to 'i-9-99-OTHER'."
        )

    def _hosts_are_managed(self) -> None:
        self.narrator.step("A person lets vmuster act there: MANAGE")
        for host in self.hosts:
            self.operator.types("host", "mode", host, "manage", rows=["mode"])
        self.news()

    def _ours_are_adopted(self) -> None:
        self.narrator.step("Two VMs are adopted: nothing about them changes but the mark")
        for host, name in (("alpha", "db-01"), ("beta", "app-01")):
            before = self.definition(host, name)
            self.operator.types("vm", "adopt", name, rows=["state", "message"])
            same = self.definition(host, name) == before
            if not same:
                self.witness.surprises.append(f"adopting {name} changed its definition")
            verdict = "equal to the byte" if same else "CHANGED"
            self.narrator.fact(f"{name}: definition without <metadata> {verdict}; same process")
        self.news()

    # ---- strangers, in the full and in the delta path

    def _strangers_go_off_and_on(self) -> None:
        self.narrator.step(
            "A stranger is powered off and on by hand: what the original killed it for"
        )
        for host, name in (("alpha", "web-01"), ("gamma", "Windows 7 (32-bit) (1)")):
            uuid, domain = self.ids[name], self.domain(host, name)
            with self.witness.expecting(uuid, "the demo's hand: powered off", running=False):
                domain.destroy()
            self.narrator.hand(f"powered {name} off")
            self.see(name, power="stopped")
            with self.witness.expecting(uuid, "the demo's hand: powered on", running=True):
                domain.create()
            self.narrator.hand(f"powered {name} on")
            self.see(name, power="running", standing="alien")
        self.news()

    def _a_stranger_appears(self) -> None:
        self.narrator.step("A stranger is created later (the delta path)")
        self.define("gamma", "Windows 7 (32-bit) (2)", STRANGER)
        self.see("Windows 7 (32-bit) (2)", power="running", standing="alien")
        self.news()

    def _a_clone_appears(self) -> None:
        self.narrator.step("Somebody clones an owned VM: the mark is copied with it")
        uuid = self.ids["db-01-copy"] = uuid4()
        tree = fromstring(self.domain("alpha", "db-01").XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE))
        for tag, text in (("name", "db-01-copy"), ("uuid", str(uuid))):
            found = tree.find(tag)
            if found is not None:
                found.text = text
        xml = ElementTree.tostring(tree, encoding="unicode")
        self.hosts["alpha"].hand.defineXML(xml).create()
        self.witness.watch("db-01-copy", uuid, CLONE)
        self.narrator.hand("cloned db-01 as db-01-copy, mark and all")
        self.see("db-01-copy", standing="clone")
        self.news()

    def _a_stranger_is_moved(self) -> None:
        self.narrator.step("A stranger is migrated by hand")
        self.migrate("mail-01", "beta", "alpha")
        self.see("mail-01", standing="alien", host="alpha")
        self.news()

    # ---- what is ours

    def _ours_live_their_lives(self) -> None:
        self.narrator.step("An owned VM is stopped by its guest, crashes, and is migrated by hand")
        uuid, domain = self.ids["db-01"], self.domain("alpha", "db-01")
        with self.witness.expecting(uuid, "its guest powered itself off", running=False):
            domain.shutdown()
        self.narrator.hand("the guest of db-01 powered itself off")
        self.see("db-01", power="stopped", phase="stopped")
        self.news()
        with self.witness.expecting(uuid, "vmuster, as asked: vm start", running=True):
            self.operator.types("vm", "start", "db-01", rows=["state", "message"])
        with self.witness.expecting(uuid, "the demo's hand: kill -9 of its QEMU", running=False):
            os.kill(self.hosts["alpha"].guest_pids()[uuid], signal.SIGKILL)
        self.narrator.hand("kill -9 of db-01's QEMU")
        self.see("db-01", power="crashed")
        self.news()
        with self.witness.expecting(uuid, "vmuster, as asked: vm start", running=True):
            self.operator.types("vm", "start", "db-01", rows=["state", "message"])
        self.migrate("db-01", "alpha", "beta")
        self.see("db-01", standing="owned", host="beta")
        self.news()
