"""The page about the command line is what the commands say of themselves."""

from tools.cli_reference import OUTPUT, render


def test_the_page_is_up_to_date() -> None:
    told = OUTPUT.read_text(encoding="utf-8")
    assert told == render(), "run 'python -m tools.cli_reference'"


def test_every_command_and_option_is_on_it() -> None:
    page = render()
    for heading in ("vmuster vm list", "vmuster cluster policy set", "vmuster context add"):
        assert f" {heading}\n" in page
    for option in ("`--standing [", "`--key-file FILE`", "`--dry-run`", "`--columns A,B`"):
        assert option in page
    assert "vmuster vm ls" not in page
