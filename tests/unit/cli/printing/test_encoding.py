"""JSON, YAML and CSV: what goes in comes out, and nothing acts on a terminal or a spreadsheet."""

import csv
import io
import json
from collections import Counter

import pytest
import yaml

from vmuster.cli.printing.encoding import as_csv, as_json, as_yaml

HOSTILE = ["a\nb: c", "\x1b[31m", "\u202eevil", "- x", "yes", "null", "1e3", "ü", "{a", "#", "\x00"]
VALUE = {text: [text, {"n": 1, "none": None, "yes": True}] for text in HOSTILE}


@pytest.mark.parametrize("one_line", [True, False])
def test_json_is_exact_and_ascii(one_line: bool) -> None:
    text = as_json(VALUE, one_line=one_line)
    assert json.loads(text) == VALUE
    assert text.isascii()
    assert ("\n" in text) is not one_line


def test_yaml_is_exact_and_ascii() -> None:
    text = as_yaml(VALUE)
    assert yaml.safe_load(text) == VALUE
    assert text.replace("\n", "").isprintable()
    assert text.isascii()


def test_yaml_takes_what_json_takes_and_documents_follow_each_other() -> None:
    shared = ["x"]
    text = as_yaml({"b": shared, "a": shared, "counts": Counter("aab")})
    assert text == "---\nb:\n- x\na:\n- x\ncounts:\n  a: 2\n  b: 1\n"
    assert list(yaml.safe_load_all(text + as_yaml(1)))[1] == 1


def test_csv_is_read_back_and_no_formula() -> None:
    rows = [["NAME", "a,b"], ['say "x"', ""], ["=cmd|' /C calc'!A0", "-1"]]
    read = list(csv.reader(io.StringIO(as_csv(rows))))
    assert read == [*rows[:2], ["'=cmd|' /C calc'!A0", "'-1"]]
