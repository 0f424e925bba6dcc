"""A conclusion in words, with its evidence: one line, the same for the log, the API and people.

The words of the original's log where they fit: "Found an alien VM". Names are shown in a visible
form, so that no name can break a line or pose as another.
"""

from collections.abc import Iterator
from typing import Final

from vmuster.model.names import number_in
from vmuster.model.states import MarkVerdict, Standing
from vmuster.model.text import visible
from vmuster.reconcile.draft import Draft
from vmuster.reconcile.pairing import Pair
from vmuster.reconcile.recorded import Recorded
from vmuster.reconcile.standing import Rule

_FOUND: Final[dict[Standing, str]] = {
    Standing.FOREIGN: "found a VM of another fleet",
    Standing.CLONE: "found a copy of one of our VMs",
    Standing.UNPROVEN: "found a VM that can't be proved ours",
    Standing.DUPLICATE: "found one of our VMs active on two hosts",
    Standing.OWNED: "found our VM",
    Standing.MOVED: "found our VM away from home",
    Standing.GHOST: "found a VM that we deleted",
    Standing.ORPHAN: "found a VM with our mark that our records don't know",
    Standing.LOOKALIKE: "found an unknown VM with a name of ours",
    Standing.ALIEN: "found an alien VM",
}
_WAY_OUT: Final[dict[Standing, str]] = {
    Standing.FOREIGN: "it is left to its fleet",
    Standing.CLONE: "it is left alone; adopt it to make it a VM of its own",
    Standing.UNPROVEN: "it is not touched; adopt it to sign it anew",
    Standing.DUPLICATE: "both are frozen until one of the two is gone",
    Standing.ORPHAN: "it is left alone; adopt it to bring it back",
    Standing.ALIEN: "it is left alone",
}


def standing_words(pair: Pair, rule: Rule, recorded: Recorded) -> str:
    """Why a VM stands where it stands, on what evidence, and what that means for it."""
    parts = [f"{_FOUND[rule.standing]}: {visible(pair.name)}", f"rule {rule.number}: {rule.when}"]
    if pair.judgement.verdict is MarkVerdict.FOREIGN:
        parts.append(f"managed by fleet {visible(pair.judgement.fleet)}")
    if pair.copies:
        parts.append("also seen on " + ", ".join(sorted(copy.host for copy in pair.copies)))
    if pair.record is None:
        parts.extend(_resembled(pair, recorded))
    if rule.standing in _WAY_OUT:
        parts.append(_WAY_OUT[rule.standing])
    return "; ".join(parts)


def _resembled(pair: Pair, recorded: Recorded) -> Iterator[str]:
    """The record that the VM's name, or the number in it, would point to; it is another VM."""
    number = number_in(pair.name)
    namesake = recorded.named.get(pair.name)
    other = recorded.numbered.get(number) if number else None
    if namesake is not None and namesake.uuid != pair.uuid:
        yield f"our record of that name is another VM, {namesake.uuid}"
    elif other is not None and other.uuid != pair.uuid:
        yield f"the number in its name is that of our {visible(other.name)}, {other.uuid}"


def words(draft: Draft, withheld: str) -> str:
    """The one line of a decision. `withheld`: why its command is not sent, empty where it is.

    Hosts and agents have their words in it too: whatever they say, it stays one line.
    """
    parts = [draft.why]
    if draft.command is not None:
        act = draft.command.__struct_config__.tag
        parts.append(f"{act} withheld: {withheld}" if withheld else f"{act} follows")
    elif draft.note:
        parts.append(f"nothing follows: {draft.note}")
    return visible("; ".join(parts))
