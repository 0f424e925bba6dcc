"""Reasons in words that can be shown to anybody."""

from tests.conformance.stores.rows import api_key, cluster, fleet
from tests.parts import HOST, VM, host, record, sighting
from vmuster.model.host import Cluster
from vmuster.model.vm import Sighting
from vmuster.stores import refusals
from vmuster.stores.kinds import KINDS
from vmuster.stores.refusals import Refusal


def test_rows_are_called_by_kind_and_key() -> None:
    assert refusals.label(record()) == f"vm {VM}"
    assert refusals.label(sighting()) == f"sighting {HOST}/{VM}"
    assert refusals.label(fleet()) == "fleet"


def test_words_for_each_reason() -> None:
    assert refusals.stale(record(), 3) == f"vm {VM}: version 3 is no longer current"
    assert refusals.there_already(api_key()) == "key ci is there already"
    assert refusals.no_cluster("x") == "cluster x is not there"
    (hosts,) = KINDS[Cluster].holders
    assert refusals.still_held(hosts, cluster()) == "cluster cluster still has hosts"
    assert refusals.no_host(Sighting) == "the host of a sighting is not there"
    assert refusals.unstorable(host(), "why") == "host home can't be stored: why"


def test_names_of_strangers_are_shown_bounded_and_visible() -> None:
    (rule, *_) = KINDS[type(record())].unique
    words = refusals.taken(rule, record(name="\u202e{}\x1b[2J\ud800" + "A" * 9999))
    assert words.isprintable()
    assert len(words) < 400


def test_a_refusal_is_exact_unless_said_otherwise() -> None:
    assert Refusal("why").exact
    assert Refusal("why").reason == "why"
    assert not Refusal("why", exact=False).exact
