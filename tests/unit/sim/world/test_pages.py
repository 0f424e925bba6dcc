"""An agent's disk."""

from uuid import UUID

import pytest

from vmuster.model.ids import CommandId
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


def test_the_epoch_is_the_highest_that_can_be_read() -> None:
    pages = MemoryPages()
    assert pages.epoch == 0
    for epoch in (3, 9, 6):
        pages.append(b'{"type":"heard","epoch":%d,"intake":1}\n' % epoch)
    pages.append(b'{"type":"begun","command":"00000000-0000-0000-0000-000000000001"}\n')
    assert pages.epoch == 9
    pages.damage()
    assert pages.epoch == 6


def test_what_was_lost_or_could_not_be_written_is_counted() -> None:
    pages = MemoryPages()
    pages.damage()
    pages.roll_back()
    pages.append(b"one\n")
    pages.keep()
    assert pages.harms == 0, "there was nothing to lose, and nothing to go back to"
    pages.full = True
    with pytest.raises(OSError, match="No space"):
        pages.append(b"two\n")
    for harm in (pages.damage, pages.roll_back, lambda: pages.tear(1), pages.lose):
        harm()
    assert pages.harms == 5


def test_a_command_that_ended_and_may_not_have_asked_its_guest_leaves_that_open() -> None:
    pages, one = MemoryPages(), CommandId(UUID(int=1))
    line = b'{"type":"%s","command":"%s","process":%s}\n'
    pages.append(line % (b"asked", str(one).encode(), b"null"))
    pages.append(line % (b"ended", str(UUID(int=2)).encode(), b"null"))
    assert not pages.leaves_open(one), "it has not ended"
    pages.append(line % (b"ended", str(one).encode(), b"null"))
    assert pages.leaves_open(one)
    pages.append(line % (b"asked", str(one).encode(), b'""'))
    assert not pages.leaves_open(one), "it was asked"
