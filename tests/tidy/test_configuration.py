"""The page of the settings is as the settings are."""

from tools.configuration import PAGE, render


def test_the_page_is_up_to_date() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == render(page), "run: python -m tools.configuration"
    assert page.count("VMUSTER_LIMITS_") > 5
