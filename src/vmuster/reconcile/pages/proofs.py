"""Pages of why there is no proof: one for each check of `ownership`, whose reason it bears."""

from collections.abc import Iterator
from typing import Final

from vmuster.reconcile.ownership import CHECKS, CLEARANCE_CHECKS, LEFT
from vmuster.reconcile.pages.page import Family, RulePage

_LOOK: Final = "Wait for the host's next report, or see `vmuster host show HOST`."
_ADOPT: Final = "Adopt it, to sign it anew: `vmuster vm adopt VM`."
_LADDER: Final = "`vmuster cluster policy set NAME unknown_vms=...`, when you mean it."

_TOLD: Final[dict[str, tuple[str, str, str]]] = {
    "the report does not show it": ("unseen", "Only what is seen now can be proved.", _LOOK),
    "the report is not this host's own, of this connection": (
        "other-connection",
        "Evidence of another host, or of a connection that is over, proves nothing here.",
        _LOOK,
    ),
    "no live record says that it lives here": (
        "no-live-record",
        "A mark alone says that it was ours once; the record says that it is.",
        "`vmuster vm explain VM` says where its record is.",
    ),
    "its mark is not a good mark of ours": (
        "no-good-mark",
        "A record alone proves nothing: the VM may have been made anew under the uuid.",
        _ADOPT,
    ),
    "its mark is newer than our records: adopt it again, it is signed anew then": (
        "newer-mark",
        "Our database may be older than the VM.",
        _ADOPT,
    ),
    "the same VM is also seen on another host": (
        "copy-elsewhere",
        "Which of the two is meant is for a person to say.",
        "Find out which copy is the right one, and undefine the other on its host.",
    ),
    "no tombstone of ours exists for it": (
        "no-tombstone",
        "Only a VM that we deleted may be taken for one that we deleted.",
        _ADOPT,
    ),
    "no person allows it: unknown_vms": (
        "not-allowed",
        "What happens to VMs without a record is a person's choice, for each cluster.",
        _LADDER,
    ),
    "it is not plainly running": (
        "not-running",
        "A paused VM, or one of which nobody knows, is never ended by itself.",
        _LOOK,
    ),
    "it was not yet seen in enough complete reports in a row": (
        "not-seen-often",
        "One report is one moment; several make an accident of timing unlikely.",
        "Wait.",
    ),
    "VMs with our mark and no record are in this cluster: our records may be old": (
        "orphans-here",
        "Orphans are the sign of a restored, older database.",
        "`vmuster vm list --standing orphan`, and adopt those that are yours.",
    ),
    "there is a record of it": (
        "recorded",
        "A VM that our records know is never judged by its name.",
        "`vmuster vm explain VM`.",
    ),
    "it bears a mark": ("marked", "A VM that bears any mark is never judged by its name.", _ADOPT),
    "its name is not one that we would give": (
        "other-name",
        "Only a name of ours, to the letter, is covered by a person's leave.",
        "Nothing has to be done: it is left alone.",
    ),
    "no person's grant for this cluster is on record": (
        "no-grant",
        "A name is no proof without the signed leave of a person.",
        _LADDER,
    ),
    "the report is not a complete one": (
        "not-complete",
        "Where a VM may be started, everything on the host was looked at.",
        _LOOK,
    ),
    "its standing is not owned": (
        "not-owned",
        "Only a VM of ours, at home, is started.",
        "`vmuster vm explain VM` says what it is.",
    ),
    "it is not plainly stopped": ("not-stopped", "Started twice, it would run twice.", _LOOK),
    "it left this host by a migration, and may run where it went": (
        "migrated-away",
        "It may run where we can't see it.",
        "Add the host to which it went: `vmuster host add`; or, if you know that it runs nowhere,"
        " start it by hand, on its host.",
    ),
    "it may be running on another host": (
        "running-elsewhere",
        "Another host showed it active.",
        "Look at it there: `vmuster vm explain VM`.",
    ),
    LEFT: (
        "left-unconfirmed",
        "A process of it may be left there.",
        "If you know that none is: `vmuster vm forget VM --on HOST`.",
    ),
}
"""By the reason that a check gives: the name of its page, why it is asked, and what to do."""


def _pages() -> Iterator[RulePage]:
    asked: dict[str, list[str]] = {}
    for kind, checks in CHECKS.items():
        for check in checks:
            asked.setdefault(check.reason, []).append(f"a proof by {kind}")
    for check in CLEARANCE_CHECKS:
        asked.setdefault(check.reason, []).append("a start")
    for reason, purposes in asked.items():
        yield _page(reason, purposes)


def _page(reason: str, purposes: list[str]) -> RulePage:
    name, why, remedy = _TOLD[reason]
    return RulePage(
        name=f"unproven-{name}",
        family=Family.PROOF,
        when=f"Asked for {_listed(purposes)}: {reason}.",
        follows="No command is made; the decision, or the answer to the request, says why.",
        why=why,
        remedy=remedy,
        laws=("L1", "L2") if "a start" in purposes else ("L1",),
        says=reason,
    )


def _listed(purposes: list[str]) -> str:
    *most, last = purposes
    return f"{', '.join(most)} and {last}" if most else last


_NEVER: Final = RulePage(
    name="unproven-standing",
    family=Family.PROOF,
    when="A proof is asked for a VM whose standing is none that has one.",
    follows="No command is made; the decision, or the answer to the request, says why.",
    why="Of a stranger, a clone, an orphan or a duplicate nothing proves that it is ours.",
    remedy="`vmuster vm explain VM` says what it is, and the way out.",
    laws=("L1",),
    says="is never ours to act on",
)

PAGES: Final = (*_pages(), _NEVER)
