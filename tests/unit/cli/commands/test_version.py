"""`vmuster version`."""

from importlib.metadata import version

from tests.unit.cli.conftest import Run


def test_the_version_is_that_of_the_package(alone: Run) -> None:
    number = version("vmuster")
    assert number in alone("--version").stdout
    assert alone("version").stdout == f"{number}\n"
    assert alone("version", "-o", "json").stdout == f'{{\n  "version": "{number}"\n}}\n'
    assert alone("version", "-o", "yaml").stdout.startswith("---\nversion: ")
    assert alone("version", "-o", "csv").exit_code == 2
