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


def test_the_epoch_is_the_highest_that_can_be_read() -> None:
    pages = MemoryPages()
    assert pages.epoch == 0
    for epoch in (3, 9, 6):
        pages.append(b'{"type":"heard","epoch":%d,"intake":1}\n' % epoch)
    pages.append(b'{"type":"begun","command":"00000000-0000-0000-0000-000000000001"}\n')
    assert pages.epoch == 9
    pages.damage()
    assert pages.epoch == 6
