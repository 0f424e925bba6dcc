"""Pages of why a person's request about a VM is refused at once; what passes is proved later."""

from typing import Final

from vmuster.reconcile.pages.page import Family, RulePage

_EXPLAIN: Final = "`vmuster vm explain VM` says what it is, and the way out."
_AGAIN: Final = "Look, and ask again."

_TOLD: Final[tuple[tuple[str, str, str, str, str], ...]] = (
    (
        "quarantine",
        "The fleet is in quarantine.",
        "the fleet is in quarantine: its database is older than its hosts",
        "What an older database would do to a VM is not known.",
        "`vmuster quarantine show`.",
    ),
    (
        "mode",
        "The mode of the VM's host does not allow the act.",
        "is not allowed on host {}, which is in ",
        "The mode of a host says what may be done there, by anybody.",
        "`vmuster host mode HOST manage`, when you mean it.",
    ),
    (
        "not-ours",
        "There is no record of the VM.",
        "it is not ours: there is no record of it",
        "What is not ours is not touched; no `--force` helps.",
        "Adopt it first: `vmuster vm adopt VM`.",
    ),
    (
        "whereabouts",
        "The record of the VM names no host.",
        "it is not known where it is",
        "Nobody can be asked.",
        _EXPLAIN,
    ),
    (
        "phase",
        "The VM is missing, or was asked to go.",
        "it is {phase}",
        "There is nothing there that could be started or stopped.",
        _EXPLAIN,
    ),
    (
        "standing",
        "The VM is there, and is not ours to act on, or not to be adopted as it is.",
        "{name} is {standing}",
        "What may not be done by itself is refused to persons too, with the way out.",
        _EXPLAIN,
    ),
    (
        "other-host",
        "A VM shall be adopted on one host, and our record says another.",
        "our record of {} says that it lives on another host",
        "It may run on both.",
        _EXPLAIN,
    ),
    (
        "unseen",
        "The VM was seen on no host.",
        "it was not seen on any host",
        "What nobody sees can't be marked.",
        "`vmuster vm list`.",
    ),
    (
        "several",
        "The VM was seen on several hosts.",
        "it was seen on {} hosts",
        "Which one is meant is for you to say.",
        "Say which: `--host HOST`.",
    ),
    (
        "unheard",
        "The host of the VM is not heard of now.",
        "is not heard of now",
        "What the VM is at this moment is not known.",
        "`vmuster host show HOST`; then ask again.",
    ),
    (
        "saved",
        "A VM shall be adopted that is saved to disk.",
        "is saved to disk: a mark would not last",
        "A saved VM comes back with the definition of when it was saved.",
        "Start it on its host by hand (`virsh start`); then adopt it.",
    ),
    (
        "untold",
        "A VM shall be adopted of which it can't be told whether it runs.",
        "it can't be told now whether {} runs",
        "Adoption changes nothing, so it must be known what is.",
        "Adopt it once its host shows it running or stopped.",
    ),
    (
        "removed-host",
        "The host of the VM was removed at the same moment.",
        "there is no host {} any more",
        "There is nobody to carry it out.",
        _AGAIN,
    ),
    (
        "still-marked",
        "A record shall be forgotten whose VM is there, with our mark.",
        "is on host {}, with our mark",
        "A mark without a record makes an orphan.",
        "Release it: `vmuster vm release VM`.",
    ),
    (
        "still-there",
        "A record shall be forgotten whose VM is on its host.",
        "is on its host, where it is ",
        "Only what is gone, is another fleet's or bears no mark at all is forgotten.",
        "Adopt it, to sign it anew; then release it.",
    ),
    (
        "unmarked-since",
        "A record shall be forgotten whose VM was seen without a mark since the last whole report.",
        "gave no whole account since {} was seen without our mark",
        "A part of a report is no account of a host.",
        "Wait for the host's next whole report.",
    ),
    (
        "not-missed",
        "A record shall be forgotten whose VM was not missed often enough yet.",
        "was not missed in {} complete reports in a row yet",
        "One report is one moment.",
        "Wait for the host's next whole reports.",
    ),
    (
        "would-be-stopped",
        "A VM shall be released that the policy of its cluster would then stop by its name.",
        "would be an unknown VM with a name of ours",
        "Released is unharmed.",
        "`vmuster cluster policy set NAME unknown_vms=leave`.",
    ),
    (
        "not-shown",
        "A VM shall be released that its host does not show.",
        "does not show it, and nobody confirmed that it is gone",
        "There is nothing to take the mark out of, and it may be there.",
        "If you know that it is gone: `vmuster vm forget VM`.",
    ),
    (
        "same-key",
        "An idempotency key comes with another request than before.",
        "this idempotency key was used for another request",
        "One key, one request: else a repeated one would be done twice.",
        "Use a new key.",
    ),
    (
        "in-flight",
        "Another request about the VM is in flight.",
        "{} by {} is in flight",
        "One act at a time.",
        "Wait for it: `vmuster operation show ID`.",
    ),
)
"""Name, when, the words of the refusal, why, and what to do."""

PAGES: Final = tuple(
    RulePage(
        name=f"request-{name}",
        family=Family.REQUEST,
        when=when,
        follows="The request is refused, and nothing is written or sent.",
        why=why,
        remedy=remedy,
        laws=("L1", "L3"),
        says=says,
    )
    for name, when, says, why, remedy in _TOLD
)
