"""Pages of what a report without a VM is worth, and of a VM that is seen away from home."""

from typing import Final

from vmuster.reconcile.pages.page import Family, RulePage

_WAIT: Final = "Wait: its next reports say more."
_ASKED: Final = "Its record stays where it is, and that host is asked to look again."
_NO_CLOCK: Final = "Between hosts there is no clock: only a later look at home counts."

_ABSENCES: Final = (
    RulePage(
        name="absent-elsewhere",
        family=Family.ABSENCE,
        when="A VM of ours is not on its host, and was seen on another one.",
        follows="Nothing is concluded from its absence; the other host's look decides.",
        why="It may have moved, and is not missing.",
        remedy=_WAIT,
        laws=("L6", "L7"),
    ),
    RulePage(
        name="absent-empty-list",
        family=Family.ABSENCE,
        when="A host on which VMs were gives an empty list.",
        follows="The list is not believed, and changes nothing.",
        why="An empty list is more often a broken connection than an empty host.",
        remedy="Look at the host: `vmuster host show HOST`.",
        laws=("L6",),
    ),
    RulePage(
        name="absent-unconfirmed",
        family=Family.ABSENCE,
        when="A VM of ours is not in its host's reports, but not in enough of them, or nobody"
        " confirmed that no process of it is left.",
        follows="Nothing is done; the host is asked to look for it by itself.",
        why="That a VM is not there takes several whole reports and a witness.",
        remedy="Wait. Where the host has no witness, and you know that it is gone:"
        " `vmuster vm forget VM`.",
        laws=("L2", "L6"),
    ),
    RulePage(
        name="absent-held",
        family=Family.ABSENCE,
        when="The hypervisor of a VM's host does not know it, and a witness sees a process of it"
        " there.",
        follows="It is not gone: its record stays, and no copy of it is started or stopped.",
        why="A daemon that lost its state says that there is no such VM, while it runs on.",
        remedy="Have the daemon find it again, or end the process there, on its host.",
        laws=("L1", "L2", "L6"),
    ),
    RulePage(
        name="absent-as-asked",
        family=Family.ABSENCE,
        when="A VM that was asked to go is confirmed to be gone.",
        follows="Its record is closed.",
        why="What was asked for is what is there.",
        remedy="Nothing has to be done.",
        laws=("L4",),
    ),
    RulePage(
        name="missing",
        family=Family.ABSENCE,
        when="A VM of ours is not in enough whole reports in a row, its hypervisor says that there"
        " is no such VM, and a witness sees no process of it.",
        follows="Its record says missing, and an alert is raised. No blank copy is ever made.",
        why="Somebody undefined it, or its host lost it: that is for a person to look at.",
        remedy="Define it again on its host, or let its record go: `vmuster vm forget VM`.",
        laws=("L6", "L9"),
    ),
    RulePage(
        name="gone",
        family=Family.ABSENCE,
        when="An operation on a VM ended, and the VM is on its host no more.",
        follows="The operation ends; nothing else changes.",
        why="There is nothing left to conclude about.",
        remedy="Nothing has to be done.",
        laws=("L6",),
    ),
)


def _move(name: str, when: str, says: str, follows: str, why: str, remedy: str) -> RulePage:
    return RulePage(
        name=name,
        family=Family.MOVE,
        when=when,
        follows=follows,
        why=why,
        remedy=remedy,
        laws=("L2", "L7"),
        says=says,
    )


_MOVES: Final = (
    _move(
        "move-no-other-home",
        "A VM is seen away from home, and its record names no other host.",
        "its record names no other host",
        "Its record does not change.",
        "There is no old home to ask.",
        _WAIT,
    ),
    _move(
        "move-not-tracked",
        "A VM is seen away from home, and `track_host_change` is off.",
        "track_host_change is off",
        "Its record stays, and an alert is raised.",
        "The policy of the cluster says that records follow no VM.",
        "Move it back, or: `vmuster cluster policy set NAME track_host_change=true`.",
    ),
    _move(
        "move-home-asked-first",
        "A VM is seen away from home, and nothing is known of it at home.",
        "is asked to look first",
        _ASKED,
        _NO_CLOCK,
        _WAIT,
    ),
    _move(
        "move-active-at-home",
        "A VM is seen away from home, and its home showed it active.",
        "showed it active and is asked again",
        _ASKED,
        "It may run on both.",
        "Wait. If it does run on both, find out which copy is the right one.",
    ),
    _move(
        "move-untold-at-home",
        "A VM is seen away from home, and its home can't tell whether it runs there.",
        "can't tell whether it runs and is asked again",
        _ASKED,
        "What can't be told is no kind of stopped.",
        "Wait; if its home never can tell, see there which process holds it.",
    ),
    _move(
        "move-active-elsewhere",
        "A VM that is not active is seen away from home, and a third host was seen to run it.",
        "here and was seen active on",
        "Its record stays until that host has looked again, and may then follow it there.",
        "Where it runs is where it is; a copy that is stopped, or waits for its memory, is not it.",
        "Wait. Of a host that is dead for good, say it: `vmuster host remove HOST --dead`.",
    ),
    _move(
        "move-home-asked-again",
        "A VM is seen away from home, and its home's last look is older than that sighting.",
        "its home {} is asked to look again",
        _ASKED,
        _NO_CLOCK,
        "Wait. A home that is not heard of can't look: see `vmuster host show HOST`.",
    ),
    _move(
        "move-stopped-on-both",
        "A VM is stopped at home and on another host.",
        "it is stopped here and on its home",
        "Its record stays.",
        "A stopped copy is no sign of a move.",
        "Undefine the copy that is one too many, on its host.",
    ),
    _move(
        "move-unconfirmed",
        "A stopped VM is seen away from home, and nobody confirmed that it is gone from home.",
        "lacks it, and nobody confirmed that",
        _ASKED,
        "It may run on at home unseen.",
        "If you know that it is gone there: `vmuster vm forget VM --on HOST`.",
    ),
    _move(
        "move-asked-here",
        "A stopped VM is seen away from home, and this look began before home had told.",
        "this host is asked to look again",
        "Its record stays, and this host is asked to look again.",
        _NO_CLOCK,
        _WAIT,
    ),
    _move(
        "move-follows",
        "A VM is seen away from home, and its home looked again and does not have it running.",
        ": the record follows",
        "Its record follows it to the host on which it was seen.",
        "Reality has moved; the record is the last to know.",
        "Nothing has to be done.",
    ),
)

PAGES: Final = (*_ABSENCES, *_MOVES)
