"""Pages of what an agent refuses: by its reasons, for the agent judges by its own code.

The agent shares no judgement with the heart, and this file imports nothing of it: a test holds the
reasons here beside those that the guard gives.
"""

from typing import Final

from vmuster.reconcile.pages.page import Family, RulePage

_AGAIN: Final = "Ask again: it is decided and proved anew, on what is seen then."
_LOOK: Final = "`vmuster vm explain VM` says what is seen now."
_ADOPT: Final = "If it is yours, adopt it, to sign it anew: `vmuster vm adopt VM`."
_BUG: Final = "Nothing was done. Please report it, with `vmuster vm explain VM -o json`."

_TOLD: Final[dict[str, tuple[str, str, str]]] = {
    "the order is for another host": ("other-host", "An order counts on one host.", _BUG),
    "the order was decided in another connection than this one": (
        "other-connection",
        "What was decided before a connection broke was decided on an old look.",
        _AGAIN,
    ),
    "the order is too old": ("too-old", "What was true then may not be true now.", _AGAIN),
    "this is not the VM that the order names": ("other-vm", "One order, one VM.", _BUG),
    "the fleet is in quarantine": (
        "quarantine",
        "An older database has old wishes.",
        "`vmuster quarantine show`.",
    ),
    "the host's mode does not allow it": (
        "mode",
        "The mode may have changed since it was decided.",
        "`vmuster host mode HOST manage`, when you mean it.",
    ),
    "automation is disarmed": (
        "disarmed",
        "Who disarms takes back also what was sent a moment before.",
        "`vmuster arm`, when it may act again.",
    ),
    "its evidence is of another VM or host": ("other-evidence", "A proof is of one VM.", _BUG),
    "it does not bear the mark that it bore when this was decided": (
        "mark-changed",
        "Somebody changed the mark, or another VM took its place.",
        _LOOK,
    ),
    "its running and its stored definition bear different marks": (
        "two-marks",
        "Which of the two is true is for a person to say.",
        _ADOPT,
    ),
    "its stored definition bears a mark that was not seen when this was decided": (
        "stored-mark",
        "A mark that nobody has looked at is never written over.",
        _LOOK,
    ),
    "its mark is not a good mark of ours for it": (
        "no-good-mark",
        "The agent reads and checks the signature itself.",
        _ADOPT,
    ),
    "its mark is of another generation than was proved": (
        "other-generation",
        "It was signed anew since, or an older snapshot was put back.",
        _LOOK,
    ),
    "it is not plainly running": (
        "not-running",
        "A paused VM is never ended by itself.",
        _LOOK,
    ),
    "it may be in another run than was asked to shut down: started again since": (
        "other-run",
        "Who obeyed and was started again was not asked to end a second time.",
        "Stop it anew, if it shall not run: `vmuster vm stop VM`.",
    ),
    "a VM without a live record is saved to disk or left alone": (
        "only-saved",
        "A mistake about a stranger must be one that can be taken back.",
        _BUG,
    ),
    "it bears a mark": ("marked", "A VM with any mark is never judged by its name.", _LOOK),
    "its name is not one that we would give": (
        "other-name",
        "The agent reads the name by its own rule.",
        "Nothing has to be done: it is left alone.",
    ),
    "no grant in force allows it": (
        "no-grant",
        "A person withdrew the leave since.",
        "Nothing has to be done: it is left alone.",
    ),
    "the grant is not a true one of this fleet": (
        "false-grant",
        "A leave counts only with the signature of this fleet.",
        _BUG,
    ),
    "it is not plainly stopped": ("not-stopped", "Started twice, it would run twice.", _LOOK),
    "it left this host by a migration, and may run where it went": (
        "migrated-away",
        "It may run where we can't see it.",
        "Add the host to which it went: `vmuster host add`; or, if you know that it runs nowhere,"
        " start it by hand, on its host.",
    ),
    "a process of it is running": (
        "process",
        "The hypervisor calls it stopped, and a witness sees its process.",
        "Look at its host: its hypervisor has lost track of it.",
    ),
    "no witness can tell whether a process of it is running": (
        "no-witness",
        "Nothing is started by itself where nobody can see that it does not run already.",
        "Start it yourself: `vmuster vm start VM`.",
    ),
    "nobody asked for it": ("nobody-asked", "Marks are written and erased by request alone.", _BUG),
    "the new mark is not a good mark of ours for it": (
        "bad-new-mark",
        "The agent signs nothing, and writes only what it can check.",
        "If the signing key was changed a moment ago: ask again.",
    ),
    "it is saved to disk: a mark would not last; start it first": (
        "saved-mark",
        "A saved VM comes back with the definition of when it was saved.",
        "Start it on its host by hand (`virsh start`); then adopt it.",
    ),
    "it is transient: it has no definition to mark": (
        "transient",
        "The mark would be gone with the VM's next stop.",
        "Define it on its host; then adopt it.",
    ),
    "it is saved to disk: the mark would come back; start it first": (
        "saved-unmark",
        "A saved VM comes back with the definition of when it was saved.",
        "Start it: `vmuster vm start VM`; then release it.",
    ),
    "the agent is not welcome yet": (
        "not-welcome",
        "Without a greeting the agent does not know the fleet's keys.",
        "Wait for the host to be up; then ask again.",
    ),
    "the agent makes sure that this is its host still": (
        "same-host",
        "Behind an address another machine may answer.",
        "Wait a moment; then ask again.",
    ),
    "the server gave an epoch twice: its database is older than it once was": (
        "old-server",
        "An older database has old wishes.",
        "`vmuster quarantine show`.",
    ),
}
"""By the reason that the agent gives: the name of its page, why it is asked, and what to do."""

PAGES: Final = tuple(
    RulePage(
        name=f"guard-{name}",
        family=Family.GUARD,
        when=f"An order is about to be carried out, and {reason}.",
        follows="The order is refused, and the VM is not touched. The answer says why.",
        why=why,
        remedy=remedy,
        laws=("L1",),
        says=reason,
    )
    for reason, (name, why, remedy) in _TOLD.items()
)
