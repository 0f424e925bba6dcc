"""THIRD_PARTY_LICENSES.md says what is installed."""

from tools.licenses import LOCK, OUTPUT, render


def test_the_list_of_licenses_is_current() -> None:
    rendered = render(LOCK.read_text(encoding="utf-8"))
    assert OUTPUT.read_text(encoding="utf-8") == rendered


def test_every_locked_package_is_named() -> None:
    lock = LOCK.read_text(encoding="utf-8")
    locked = [line.partition("==")[0] for line in lock.splitlines() if "==" in line]
    named = OUTPUT.read_text(encoding="utf-8").lower().replace("_", "-")
    assert locked
    assert [name for name in locked if name not in named] == []


def test_a_package_that_is_not_installed_is_named_with_its_platform() -> None:
    page = render("no-such-package==1.0 ; sys_platform == 'plan9' \\\n    --hash=sha256:00\n")
    assert "- no-such-package 1.0 (`sys_platform == 'plan9'`)" in page
