"""Which connection an account is of: this server's own, one before it, or another server's."""

import msgspec

from tests.unit.server.passes.test_accounts import NEXT, ROW, Desk


def test_an_epoch_that_this_server_is_writing_down_is_no_other_servers() -> None:
    """Who reads it in the database before this server hears that it is written."""
    desk = Desk()
    ours = msgspec.structs.replace(ROW, epoch=4, sequence=0)
    with desk.accounts.writing([ours]):
        assert desk.accounts.overlaid(ours) == ours
        desk.accounts.written(ours)
    assert desk.same(msgspec.structs.replace(NEXT, epoch=4, sequence=1))


def test_a_row_that_was_read_before_this_server_greeted_its_host_stirs_nobody() -> None:
    desk = Desk()
    desk.accounts.written(msgspec.structs.replace(ROW, epoch=4, sequence=0))
    assert desk.accounts.overlaid(ROW) == ROW
    assert desk.same(msgspec.structs.replace(NEXT, epoch=4, sequence=1))


def test_an_epoch_that_was_not_written_after_all_is_another_servers() -> None:
    desk = Desk()
    theirs = msgspec.structs.replace(ROW, epoch=4, sequence=0)
    with desk.accounts.writing([theirs]):
        pass
    assert desk.accounts.overlaid(theirs) == theirs
    assert not desk.same(msgspec.structs.replace(NEXT, sequence=9))


def test_a_host_that_another_server_has_greeted_is_judged() -> None:
    desk = Desk()
    assert desk.same()
    theirs = msgspec.structs.replace(ROW, epoch=4, sequence=0)
    assert desk.accounts.overlaid(theirs) == theirs
    assert not desk.same(msgspec.structs.replace(NEXT, sequence=9))


def test_a_row_that_was_written_is_what_is_known() -> None:
    desk = Desk()
    desk.accounts.written(msgspec.structs.replace(ROW, epoch=4, sequence=0))
    assert not desk.same(), "of an earlier connection"
    assert desk.same(msgspec.structs.replace(NEXT, epoch=4, sequence=1))
