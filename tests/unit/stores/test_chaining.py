"""Entries follow on the end that they are given."""

from tests.conformance.stores.rows import entry
from vmuster.model.journal import FIRST_LINK, link
from vmuster.stores.chaining import EMPTY, chained


def test_the_first_entry_of_all_follows_on_nothing() -> None:
    (first,) = chained(EMPTY, [entry()])
    assert first == entry(id=1, chain=link(FIRST_LINK, entry(id=1)))


def test_each_has_the_next_id_and_hangs_on_the_one_before() -> None:
    one, two = chained((6, "a" * 64), [entry(what="x"), entry(what="y", id=99, chain="b")])
    assert (one.id, two.id) == (7, 8)
    assert one.chain == link("a" * 64, entry(what="x", id=7))
    assert two.chain == link(one.chain, entry(what="y", id=8))


def test_minus_nought_is_linked_as_databases_keep_it() -> None:
    (one,) = chained(EMPTY, [entry(at=-0.0)])
    (other,) = chained(EMPTY, [entry(at=0.0)])
    assert one.chain == other.chain


def test_nothing_follows_from_nothing() -> None:
    assert list(chained(EMPTY, [])) == []
