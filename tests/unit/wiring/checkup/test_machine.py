"""The machine as it is, and as it would be without something."""

import ctypes
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError

import pytest

from vmuster.wiring.checkup import machine as module
from vmuster.wiring.checkup.machine import machine


def returning(value: object) -> Callable[[object], object]:
    return lambda _asked: value


def test_it_is_this_machine() -> None:
    found = machine()
    assert found.python == sys.version.split()[0]
    assert found.missing == ()
    assert set(found.libraries) >= {"msgspec", "SQLite"}
    assert all(found.libraries.values())
    assert found.descriptors is not None
    assert 0 < found.descriptors < found.descriptors_max


def test_a_library_that_is_not_there_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    real = module.version

    def version(name: str) -> str:
        if name == "msgspec":
            raise PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(module, "version", version)
    assert machine().missing == ("msgspec",)


def test_what_is_not_installed_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", returning(None))
    monkeypatch.setitem(sys.modules, "libvirt", None)
    found = machine()
    assert (found.ssh, found.libvirt) == ("", "")


def test_a_client_that_does_not_answer_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(*_words: object, **_more: object) -> None:
        raise subprocess.TimeoutExpired("ssh", 5)

    monkeypatch.setattr(shutil, "which", returning("/usr/bin/ssh"))
    monkeypatch.setattr(subprocess, "run", hang)
    assert machine().ssh == ""


@pytest.mark.parametrize(("state", "kept"), [(0, True), (1, True), (5, False), (-1, None)])
def test_the_kernel_says_whether_its_clock_is_kept(
    monkeypatch: pytest.MonkeyPatch, state: int, *, kept: bool | None
) -> None:
    class Library:
        def adjtimex(self, _buffer: object) -> int:
            return state

    monkeypatch.setattr(ctypes, "CDLL", returning(Library()))
    assert machine().synchronised is kept


def test_a_system_that_has_no_such_question_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", returning(object()))
    assert machine().synchronised is None
