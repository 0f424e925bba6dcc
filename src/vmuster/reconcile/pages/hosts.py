"""Pages of what is concluded about a host's account, our own database, or whoever asks."""

from typing import Final

from vmuster.reconcile.pages.page import Family, RulePage

PAGES: Final = (
    RulePage(
        name="trouble",
        family=Family.HOST,
        when="A host gives no account, or one that is in doubt.",
        follows="Nothing is concluded about its VMs; they keep their last state, with its age.",
        why="An error, or a list that can't be believed, is no information.",
        remedy="`vmuster host show HOST` says what it is.",
        laws=("L6", "L13"),
    ),
    RulePage(
        name="turned-away",
        family=Family.HOST,
        when="A host does not say who it was before, or says that it is one that is known already.",
        follows="It is not heard, and no order reaches it.",
        why="Behind an address another machine may answer.",
        remedy="Find out which machine it is; if it is meant: `vmuster host accept HOST --uuid"
        " UUID`.",
        laws=("L1", "L7"),
    ),
    RulePage(
        name="renamed",
        family=Family.HOST,
        when="A host calls itself otherwise than before, and is the same by its uuid.",
        follows="Nothing changes: a host is its uuid.",
        why="Names and addresses change, and prove nothing.",
        remedy="Nothing has to be done, if you renamed it.",
        laws=("L1",),
    ),
    RulePage(
        name="too-new",
        family=Family.HOST,
        when="A VM bears a good mark of ours that our database can't have given.",
        follows="The fleet goes into quarantine: no command is sent.",
        why="Our database is older than its hosts: a backup was restored.",
        remedy="`vmuster quarantine show`.",
        laws=("L9",),
    ),
    RulePage(
        name="too-many-stops",
        family=Family.HOST,
        when="An API key asks for more stops in a minute than one key may.",
        follows="What is over that is refused with the time to wait, and an alert is raised.",
        why="A stolen key, or a script that runs wild, must not take down a fleet.",
        remedy="If it is not meant: `vmuster api-key revoke NAME`.",
        laws=("L8", "L10"),
    ),
    RulePage(
        name="law",
        family=Family.HOST,
        when="A decision would have broken a law, by the second opinion on every plan.",
        follows="Its command and its change are taken out, and an alert is raised.",
        why="The laws are asserted in production too; this is a mistake of ours.",
        remedy="Nothing was done. Please report it, with `vmuster vm explain VM -o json`.",
        laws=tuple(f"L{number}" for number in range(1, 14)),
        says="; stopped by ",
    ),
)
