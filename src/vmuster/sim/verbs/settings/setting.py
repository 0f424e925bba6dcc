"""How settings are made, and who makes them."""

from typing import Final

from vmuster.sim.verbs.verb import Deed, Kind, Verb

KEEPER: Final = "anna"
"""Who has set up what is there from the beginning."""


def setting(form: str, do: Deed, what: str) -> Verb:
    """Something is there."""
    return Verb(form=form, kind=Kind.SETTING, what=what, do=do)
