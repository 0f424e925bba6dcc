"""Pages of the twelve standings: when each applies is taken from the table itself."""

from typing import Final

from vmuster.model.states import Standing
from vmuster.reconcile.pages.page import Family, RulePage
from vmuster.reconcile.standing import RULES, Rule

_NEVER: Final = "It is listed, and never stopped or started, not by request either."
_EXPLAIN: Final = "Nothing has to be done."

_FOLLOWS: Final[dict[Standing, str]] = {
    Standing.FOREIGN: _NEVER,
    Standing.CLONE: _NEVER,
    Standing.UNPROVEN: _NEVER,
    Standing.DUPLICATE: "Both copies are frozen: nothing is started or stopped.",
    Standing.OWNED: "What was asked for is compared with what is seen: the decision says more.",
    Standing.MOVED: "Its old home is asked to look again; then its record follows it here, unless"
    " `track_host_change` is off.",
    Standing.GHOST: "It is listed and left alone; under `unknown_vms: stop-by-mark` or above it is"
    " saved to disk, if every proof holds.",
    Standing.ORPHAN: "It is left alone, and while there is one in a cluster, no unknown VM is"
    " stopped there.",
    Standing.LOOKALIKE: "It is listed and left alone; under `unknown_vms: stop-by-name`, with a"
    " person's grant, it is saved to disk, if every proof holds.",
    Standing.ALIEN: "It is listed, and left alone under every policy.",
}
_WHY: Final[dict[int, tuple[str, tuple[str, ...]]]] = {
    1: ("Another fleet says that the VM is its own, and we have no key to judge that by.", ("L1",)),
    2: (
        "A clone copies the mark with everything else: the mark proves the original only.",
        ("L1",),
    ),
    3: ("Our record alone proves nothing: the VM may have been made anew under the uuid.", ("L1",)),
    4: ("Anybody can write an element; only our signature counts.", ("L1",)),
    5: ("Which of two running copies is the right one is for a person to say.", ("L1", "L2")),
    6: ("A live record and a good mark agree, and the VM is where it should be.", ("L1",)),
    7: (
        "Between hosts there is no clock: before a record changes its host, the old home must have"
        " looked later than the first sighting here.",
        ("L2", "L7"),
    ),
    8: (
        "A VM that we deleted is back, and a person's policy says what shall become of it.",
        ("L9",),
    ),
    9: ("Our database is older than the mark: it may have forgotten an adoption.", ("L9",)),
    10: ("A restored, older database makes orphans of our own VMs.", ("L9",)),
    11: ("A name is no proof: it needs a person's signed leave for the cluster.", ("L1",)),
    12: ("Nothing about it says that it is ours.", ("L1",)),
}
_REMEDY: Final[dict[int, str]] = {
    1: "Leave it to its fleet, or release it there.",
    2: "Adopt it, to make it a VM of its own: `vmuster vm adopt VM`.",
    3: "If it is yours, adopt it, to sign it anew: `vmuster vm adopt VM`.",
    4: "If it is yours, adopt it, to sign it anew: `vmuster vm adopt VM`.",
    5: "Find out which copy is the right one, and undefine the other on its host.",
    6: _EXPLAIN,
    7: "Wait for the old home to look. If you know that it is gone there:"
    " `vmuster vm forget VM --on HOST`.",
    8: "Adopt it, to have it back, or undefine it on its host.",
    9: "Adopt it, to bring it back: `vmuster vm adopt VM`.",
    10: "Adopt it, to bring it back: `vmuster vm adopt VM`.",
    11: "If it is yours, adopt it: `vmuster vm adopt VM`.",
    12: "Adopt it, if vmuster shall look after it: `vmuster vm adopt VM`.",
}


def _page(rule: Rule) -> RulePage:
    why, laws = _WHY[rule.number]
    return RulePage(
        name=f"standing-{rule.number}",
        family=Family.STANDING,
        when=f"The VM is {rule.standing}: {rule.when}.",
        follows=_FOLLOWS[rule.standing],
        why=why,
        remedy=_REMEDY[rule.number],
        laws=laws,
    )


PAGES: Final = tuple(_page(rule) for rule in RULES)
