"""Lists through a real server, in every form, as they are wanted."""

import csv
import io
import json

import pytest
import yaml

from tests.served import Served
from tests.unit.cli.conftest import Run
from vmuster.model.host import Host

HOSTILE = "=x,\n\x1b[31m\u202e'\""


@pytest.fixture(scope="module", autouse=True)
def vms(world: Served, alpha: Host) -> None:
    for name in ("web-2", "web-10", HOSTILE):
        world.appear(alpha, name)


LISTS = [("host",), ("cluster",), ("vm",), ("plan",), ("operation",), ("credential",), ("key",)]


@pytest.mark.parametrize("form", ["table", "wide", "json", "yaml", "name", "csv"])
@pytest.mark.parametrize("noun", [*LISTS, ("journal",)], ids=" ".join)
def test_every_list_has_every_form_and_lets_no_control_character_out(
    run: Run, noun: tuple[str, ...], form: str
) -> None:
    words = noun if noun == ("journal",) else (*noun, "list")
    result = run(*words, "-o", form)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.replace("\n", "").isprintable() or result.stdout.isspace()


def test_what_is_wanted_is_printed(run: Run) -> None:
    words = ("vm", "list", "--sort", "-name", "--filter", "name~WEB", "--no-headers")
    assert run(*words, "--columns", "name,power,cluster").stdout.split() == [
        *("web-2", "running", "default"),
        *("web-10", "running", "default"),
    ]
    assert run(*words, "-o", "name").stdout == "web-2\nweb-10\n"
    assert [vm["name"] for vm in json.loads(run(*words, "-o", "json").stdout)] == [
        "web-2",
        "web-10",
    ]


def test_the_forms_agree(run: Run) -> None:
    vms = json.loads(run("vm", "list", "-o", "json").stdout)
    others = yaml.safe_load(run("vm", "list", "-o", "yaml").stdout)
    assert [{**vm, "age_seconds": 0} for vm in vms] == [{**vm, "age_seconds": 0} for vm in others]
    rows = list(csv.DictReader(io.StringIO(run("vm", "list", "-o", "csv").stdout)))
    assert [row["UUID"] for row in rows] == [vm["uuid"] for vm in vms]
    names = {row["NAME"] for row in rows}
    assert names == {"web-2", "web-10", "'=x,\\n\\x1b[31m\\u202e'\""}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--columns", "nmae"), "Did you mean 'name'?"),
        (("--columns", "name,"), "empty"),
        (("--sort", "-"), "empty"),
        (("--filter", "name"), "NAME=TEXT"),
        (("--columns", "name", "-o", "json"), "--columns is for"),
    ],
)
def test_what_can_not_be_wanted_is_a_usage_error(
    run: Run, words: tuple[str, ...], said: str
) -> None:
    result = run("vm", "list", *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_wide_has_more(run: Run) -> None:
    assert "UUID" not in run("vm", "list").stdout
    assert "UUID" in run("vm", "list", "-o", "wide").stdout
    assert "uuid" in run("vm", "show", "web-2").stdout


def test_colours_can_be_forced(run: Run) -> None:
    assert "\x1b[32m" in run("vm", "list", "--color", "always").stdout
    assert "\x1b[31m" not in run("vm", "list", "--color", "always").stdout
