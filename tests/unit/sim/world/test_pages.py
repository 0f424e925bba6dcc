"""An agent's disk."""

import pytest

from vmuster.sim.world.pages import MemoryPages


def test_pages_keep_what_was_written_also_where_the_disk_is_full() -> None:
    pages = MemoryPages()
    pages.append(b"one\n")
    pages.full = True
    with pytest.raises(OSError, match="No space"):
        pages.append(b"two\n")
    pages.full = False
    pages.append(b"two\n")
    pages.tear(2)
    assert pages.read() == b"one\ntw"
    pages.cut(4)
    assert pages.read() == b"one\n"
    pages.rewrite([b"three\n"])
    assert pages.read() == b"three\n"


def test_each_loss_is_counted() -> None:
    pages = MemoryPages()
    pages.append(b"one\n")
    pages.keep()
    assert pages.losses == 0
    for count, loss in enumerate((lambda: pages.tear(2), pages.roll_back, pages.lose), start=1):
        loss()
        assert pages.losses == count
    pages.full = True
    with pytest.raises(OSError, match="No space"):
        pages.append(b"two\n")
    assert pages.losses == 4
