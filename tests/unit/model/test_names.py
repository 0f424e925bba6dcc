"""The naming rule against the original's own answers, and against itself."""

import json
import sys
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vmuster.model.errors import Refused
from vmuster.model.names import (
    RULES,
    VmKind,
    VmName,
    console_proxy_name,
    is_canonical,
    is_instance,
    is_valid,
    load_balancer_name,
    number_in,
    parse,
    router_name,
    secondary_storage_name,
    user_name,
)
from vmuster.model.text import NAME_CHARACTERS_MAX

SAMPLES = Path(__file__).parents[2] / "data" / "names.jsonl"
"""1,200 names with what the original answered: {"name", "valid": {kind: [any instance, "VM"]}}."""

LONG_MAX = 2**63 - 1
SYSTEM_BUILDERS: dict[VmKind, Callable[[int, str], str]] = {
    VmKind.ROUTER: router_name,
    VmKind.CONSOLE_PROXY: console_proxy_name,
    VmKind.SECONDARY_STORAGE: secondary_storage_name,
    VmKind.LOAD_BALANCER: load_balancer_name,
}

numbers = st.integers(min_value=0, max_value=10**60)
instances = st.text(st.characters(max_codepoint=126), min_size=1, max_size=30).filter(is_instance)
any_text = st.text(st.characters(), max_size=60)
"""Any string a Python program can hold, lone surrogates included."""
name_pieces = [*"irvslIx-0579+ _٥５\ud800", "--", "VM", "ff", "untagged"]
near_names = st.lists(st.sampled_from(name_pieces), max_size=12).map("".join)


@st.composite
def built_names(draw: st.DrawFn) -> tuple[str, VmName]:
    kind = draw(st.sampled_from(VmKind))
    number, instance = draw(numbers), draw(instances)
    if kind is VmKind.USER:
        owner = draw(numbers)
        name = user_name(owner, number, instance)
        return name, VmName(kind=kind, owner=owner, number=number, instance=instance)
    name = SYSTEM_BUILDERS[kind](number, instance)
    return name, VmName(kind=kind, number=number, instance=instance)


def samples() -> Iterator[tuple[str, VmKind, list[bool]]]:
    for line in SAMPLES.read_text(encoding="utf-8").splitlines():
        sample = json.loads(line)
        for kind, answers in sample["valid"].items():
            yield sample["name"], VmKind(kind), answers


def test_every_sampled_name_gets_the_answer_of_the_original() -> None:
    asked = list(samples())
    assert len(asked) == 1200 * len(VmKind)
    wrong = [
        (ascii(name), kind)
        for name, kind, answers in asked
        if [is_valid(name, kind), is_valid(name, kind, "VM")] != answers
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("i-2-5-VM", VmKind.USER, True),
        ("I-2-5-VM", VmKind.USER, False),
        ("i-2-5", VmKind.USER, False),
        ("i-2-5-", VmKind.USER, False),
        ("i-2-5-VM---", VmKind.USER, True),
        ("-i-2-5-VM", VmKind.USER, False),
        ("i-2-5--ff", VmKind.USER, True),
        ("i-2-5-VM-UNTAGGED", VmKind.USER, True),
        ("i-2-5-VM-xyz", VmKind.USER, False),
        ("i-2-5-VM-1-2", VmKind.USER, False),
        ("i--5-VM", VmKind.USER, False),
        ("i-2-5-my-VM", VmKind.USER, False),
        ("i-2-5-a-bc", VmKind.USER, True),
        ("i-+2-5-VM", VmKind.USER, False),
        ("i-007-5-VM", VmKind.USER, True),
        (f"i-2-{LONG_MAX}-VM", VmKind.USER, True),
        (f"i-2-{LONG_MAX + 1}-VM", VmKind.USER, False),
        ("i-2-5-VM-7fffffffffffffff", VmKind.USER, True),
        ("i-2-5-VM-8000000000000000", VmKind.USER, False),
        ("i-2-5-VM-0x1f", VmKind.USER, False),
        ("i-2-5-VM-ｆＡ", VmKind.USER, True),
        ("i-٢-٥-VM", VmKind.USER, True),
        ("i-2-𝟓-VM", VmKind.USER, False),
        ("i-2-५५\ud800-VM", VmKind.USER, False),
        ("i-2-5-\ud800", VmKind.USER, True),
        ("r-5-VM-7", VmKind.ROUTER, True),
        ("r-5-VM-anything", VmKind.ROUTER, True),
        ("v-5-VM-7", VmKind.CONSOLE_PROXY, False),
        ("s-5-VM", VmKind.SECONDARY_STORAGE, True),
        ("l-5-VM", VmKind.LOAD_BALANCER, True),
        ("", VmKind.USER, False),
        ("-----", VmKind.ROUTER, False),
        ("Windows 7 (32-bit) (1)", VmKind.USER, False),
    ],
)
def test_the_original_took_it(name: str, kind: VmKind, expected: bool) -> None:
    assert is_valid(name, kind) is expected


@pytest.mark.parametrize(
    ("digit", "expected"),
    [
        ("\u1946", True),  # Limbu, new in Unicode 4.0
        ("\u1369", True),  # Ethiopic: a decimal digit in Unicode 4.0, no longer now
        ("\u0be6", False),  # Tamil zero, Unicode 4.1
        ("\u0be7", True),  # Tamil one
        ("\u07c0", False),  # N'Ko, Unicode 5.0
        ("\u19d0", False),  # New Tai Lue, Unicode 4.1
        ("\u00b2", False),  # superscript: a digit, but not a decimal one
        ("\u3007", False),  # ideographic zero: a letter number
    ],
)
def test_digits_are_those_that_java_6_knew(digit: str, expected: bool) -> None:
    assert is_valid(f"i-2-{digit}-VM") is expected


def test_every_digit_of_the_rule_has_the_value_unicode_gives_it() -> None:
    every_character = map(chr, range(sys.maxunicode + 1))
    taken = [one for one in every_character if is_valid(f"r-{one}-VM", VmKind.ROUTER)]
    assert len(taken) == 19 * 10 + 2 * 9
    for digit in taken:
        read = parse(f"r-{digit}-VM")
        assert read is not None
        assert read.number == unicodedata.digit(digit)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("i-2-5-VM", True),
        ("i-0-0-VM", True),
        ("r-77-VM", True),
        ("v-1-VM", True),
        ("s-1-VM", True),
        ("l-1-VM", True),
        (f"i-2-{'9' * 40}-VM", True),
        ("i-2-5-OTHER", False),
        ("i-2-5-vm", False),
        ("i-02-5-VM", False),
        ("i-2-00-VM", False),
        ("i-+2-5-VM", False),
        ("i-2-5-VM-ff", False),
        ("i-2-5-VM-untagged", False),
        ("r-5-VM-7", False),
        ("i-2-5-VM-", False),
        ("i-2-5-VM\n", False),
        (" i-2-5-VM", False),
        ("i-٢-5-VM", False),
        ("i-2-5", False),
        ("i-2-VM", False),
        ("r-2-5-VM", False),
        ("x-5-VM", False),
        ("web-01", False),
        ("", False),
    ],
)
def test_canonical_is_to_the_letter(name: str, expected: bool) -> None:
    assert is_canonical(name, "VM") is expected


@pytest.mark.parametrize("instance", ["", "my-VM", "VМ", "VM\n"])
def test_no_name_is_canonical_for_an_instance_we_could_not_bear(instance: str) -> None:
    assert not is_canonical(f"i-2-5-{instance}", instance)
    with pytest.raises(Refused):
        user_name(2, 5, instance)


@pytest.mark.parametrize(
    ("instance", "borne"),
    [("VM", True), ("XXXX", True), ("", False), ("a-b", False), ("VМ", False), ("V\n", False)],
)
def test_an_instance_is_printable_ascii_without_a_dash(instance: str, borne: bool) -> None:
    assert is_instance(instance) is borne


def test_the_longest_name_is_read() -> None:
    longest = "r-" + "1" * (NAME_CHARACTERS_MAX - 5) + "-VM"
    assert len(longest) == NAME_CHARACTERS_MAX
    assert parse(longest) is not None
    assert parse("r-1" + longest[2:]) is None


def test_a_negative_number_builds_no_name() -> None:
    words = r"is not a name we give \(numbers are not negative; an instance is printable ASCII"
    with pytest.raises(Refused, match=words + r" without a dash\)$"):
        router_name(-1, "VM")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("i-2-5-VM-00ff", VmName(kind=VmKind.USER, owner=2, number=5, instance="VM", vnet="00ff")),
        ("r-5-VM-x", VmName(kind=VmKind.ROUTER, number=5, instance="VM", vnet="x")),
        ("i-٢-٥-VM", VmName(kind=VmKind.USER, owner=2, number=5, instance="VM")),
        ("i-9-5-OTHER", VmName(kind=VmKind.USER, owner=9, number=5, instance="OTHER")),
        ("v-5-VM-7", None),
        ("web-01", None),
        ("i-2-" + "9" * 300 + "-VM", None),
    ],
)
def test_parse(name: str, expected: VmName | None) -> None:
    assert parse(name) == expected


@given(built_names())
def test_what_a_builder_gives_is_canonical_and_reads_back(built: tuple[str, VmName]) -> None:
    name, expected = built
    assert is_canonical(name, expected.instance)
    assert parse(name) == expected


@given(built_names())
def test_a_canonical_name_is_valid_up_to_the_original_s_64_bits(built: tuple[str, VmName]) -> None:
    name, read = built
    within = read.number <= LONG_MAX and (read.owner or 0) <= LONG_MAX
    assert is_valid(name, read.kind, read.instance) is within


@given(near_names | any_text, instances)
@example("i-" * 50_000, "VM")
@example("i-2-" + "9" * 1_000_000 + "-VM", "VM")
@example("\udfff-\ud800", "VM")
def test_any_text_gets_consistent_answers(name: str, instance: str) -> None:
    for kind in RULES:
        own = is_valid(name, kind, instance)
        assert not own or is_valid(name, kind)
        read = parse(name)
        if read is not None and read.kind is kind and read.number <= LONG_MAX:
            assert own == (is_valid(name, kind) and read.instance == instance)
    if is_canonical(name, "VM") and len(name) <= 256:
        read = parse(name)
        assert read is not None
        assert read.vnet is None


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("i-2-78-VM", "user/78"),
        ("i-9-078-OTHER", "user/78"),
        ("r-78-VM", "router/78"),
        ("web-01", ""),
        ("", ""),
    ],
)
def test_a_name_points_to_a_number_of_its_kind(name: str, number: str) -> None:
    assert number_in(name) == number
