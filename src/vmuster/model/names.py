"""The naming rule: what a VM's name says, and the two questions one may ask of a name.

`is_valid` answers what the validators of CloudStack 4.0 answered, on the Java 6 they ran on, for
any string at all. It exists to compare with the original; nothing is decided by it, since it
takes another cloud's `i-9-99-OTHER` and Arabic digits for good names.

`is_canonical` is what we ourselves require of a name: whole, ASCII, of this very instance. Even
that is never identity (identity is the uuid with the mark); it only tells a LOOKALIKE from an
ALIEN. `parse` reads every name that either question would accept.

The digits are data and not `unicodedata`: Java 6 knew Unicode 4.0, read one UTF-16 unit at a
time (so no digit beyond the basic plane counts), and a name must not change its meaning with the
version of Python.
"""

import re
from enum import StrEnum
from functools import lru_cache
from typing import Final

import msgspec

from vmuster.model.errors import Refused
from vmuster.model.text import NAME_CHARACTERS_MAX


class VmKind(StrEnum):
    """What a VM is for; the original had one guru for each."""

    USER = "user"
    ROUTER = "router"
    CONSOLE_PROXY = "console_proxy"
    SECONDARY_STORAGE = "secondary_storage"
    LOAD_BALANCER = "load_balancer"


class NameRule(msgspec.Struct, frozen=True, kw_only=True):
    """How names of one kind are written: `<prefix>-<number>...-<instance>[-<vnet>]`.

    `numbers`: how many numbers follow the prefix. `vnet`: whether an old network part may follow
    the instance; `vnet_read`: whether the original looked at what it says.
    """

    prefix: str
    numbers: int = 1
    vnet: bool = False
    vnet_read: bool = False


RULES: Final[dict[VmKind, NameRule]] = {
    VmKind.USER: NameRule(prefix="i", numbers=2, vnet=True, vnet_read=True),
    VmKind.ROUTER: NameRule(prefix="r", vnet=True),
    VmKind.CONSOLE_PROXY: NameRule(prefix="v"),
    VmKind.SECONDARY_STORAGE: NameRule(prefix="s"),
    VmKind.LOAD_BALANCER: NameRule(prefix="l"),
}
_BY_PREFIX: Final = {rule.prefix: kind for kind, rule in RULES.items()}


class VmName(msgspec.Struct, frozen=True, kw_only=True):
    """A name, read. `owner` is the owner's account (USER only); `vnet` the old network part."""

    kind: VmKind
    number: int
    instance: str
    owner: int | None = None
    vnet: str | None = None


_LONG_MAX: Final = 2**63 - 1
_UNTAGGED: Final = "untagged"

_DIGIT_RUNS: Final[tuple[tuple[int, int, int], ...]] = (
    (0x0030, 0, 10),  # ASCII
    (0x0660, 0, 10),  # Arabic-Indic
    (0x06F0, 0, 10),  # Extended Arabic-Indic
    (0x0966, 0, 10),  # Devanagari
    (0x09E6, 0, 10),  # Bengali
    (0x0A66, 0, 10),  # Gurmukhi
    (0x0AE6, 0, 10),  # Gujarati
    (0x0B66, 0, 10),  # Oriya
    (0x0BE7, 1, 9),  # Tamil, which had no zero yet
    (0x0C66, 0, 10),  # Telugu
    (0x0CE6, 0, 10),  # Kannada
    (0x0D66, 0, 10),  # Malayalam
    (0x0E50, 0, 10),  # Thai
    (0x0ED0, 0, 10),  # Lao
    (0x0F20, 0, 10),  # Tibetan
    (0x1040, 0, 10),  # Myanmar
    (0x1369, 1, 9),  # Ethiopic, decimal digits still
    (0x17E0, 0, 10),  # Khmer
    (0x1810, 0, 10),  # Mongolian
    (0x1946, 0, 10),  # Limbu
    (0xFF10, 0, 10),  # fullwidth
)
"""(code point of the first digit, its value, how many follow each other): Unicode 4.0, decimal."""

_LETTER_RUNS: Final = ((0x0041, 10, 6), (0x0061, 10, 6), (0xFF21, 10, 6), (0xFF41, 10, 6))
"""A-F and a-f, ASCII and fullwidth: what Java reads as hex besides the digits."""


def _values(runs: tuple[tuple[int, int, int], ...]) -> dict[str, int]:
    return {
        chr(first + offset): value + offset
        for first, value, count in runs
        for offset in range(count)
    }


_DECIMAL: Final = _values(_DIGIT_RUNS)
_HEX: Final = _values((*_DIGIT_RUNS, *_LETTER_RUNS))

_CANONICAL: Final = re.compile(
    "(?:"
    + "|".join(rule.prefix + "-(?:0|[1-9][0-9]*)" * rule.numbers for rule in RULES.values())
    + ")-([^-]+)"
)


_REMEMBERED: Final = 4096
"""Names whose number is remembered: one pass asks for the same one several times."""


def is_valid(name: str, kind: VmKind = VmKind.USER, instance: str | None = None) -> bool:
    """Whether the original's validator for `kind` took `name`; `instance` None means any."""
    read = _read(name, kind, number_max=_LONG_MAX)
    return read is not None and instance in (None, read.instance)


def is_canonical(name: str, instance: str) -> bool:
    """Whether `name` is, to the letter, one that a builder below gives for `instance`."""
    match = _CANONICAL.fullmatch(name)
    return match is not None and match[1] == instance and is_instance(instance)


def is_instance(text: str) -> bool:
    """Whether `text` can be the last part of our names: printable ASCII, not empty, no dash.

    An instance with a dash would be read as an instance and an old network part.
    """
    return text != "" and text.isascii() and text.isprintable() and "-" not in text


def parse(name: str) -> VmName | None:
    """`name`, read as the original read it, but with no upper limit to the numbers; else None.

    Longer names than are ever kept (`NAME_CHARACTERS_MAX`) are not read at all.
    """
    if len(name) > NAME_CHARACTERS_MAX:
        return None
    kind = _BY_PREFIX.get(name.partition("-")[0])
    return None if kind is None else _read(name, kind, number_max=None)


@lru_cache(_REMEMBERED)
def number_in(name: str) -> str:
    """The kind and number that `name` points to, as `user/78`; empty where it is no such name.

    The original took this number for identity; here it only says which record a name resembles.
    """
    found = parse(name)
    return "" if found is None else f"{found.kind}/{found.number}"


def user_name(owner: int, number: int, instance: str) -> str:
    """`i-<owner>-<number>-<instance>`. Raises `Refused` for parts that give no canonical name."""
    return _build(VmKind.USER, (owner, number), instance)


def router_name(number: int, instance: str) -> str:
    """`r-<number>-<instance>`. Raises as `user_name`."""
    return _build(VmKind.ROUTER, (number,), instance)


def console_proxy_name(number: int, instance: str) -> str:
    """`v-<number>-<instance>`. Raises as `user_name`."""
    return _build(VmKind.CONSOLE_PROXY, (number,), instance)


def secondary_storage_name(number: int, instance: str) -> str:
    """`s-<number>-<instance>`. Raises as `user_name`."""
    return _build(VmKind.SECONDARY_STORAGE, (number,), instance)


def load_balancer_name(number: int, instance: str) -> str:
    """`l-<number>-<instance>`. Raises as `user_name`."""
    return _build(VmKind.LOAD_BALANCER, (number,), instance)


def _build(kind: VmKind, numbers: tuple[int, ...], instance: str) -> str:
    name = "-".join((RULES[kind].prefix, *map(str, numbers), instance))
    if not is_canonical(name, instance):
        raise Refused(
            f"{name!r} is not a name we give",
            hint="numbers are not negative; an instance is printable ASCII without a dash",
        )
    return name


def _read(name: str, kind: VmKind, number_max: int | None) -> VmName | None:
    rule = RULES[kind]
    parts = _split(name)
    shortest = 2 + rule.numbers
    if len(parts) not in (shortest, shortest + rule.vnet) or parts[0] != rule.prefix:
        return None
    numbers = [_number(part, _DECIMAL, 10, number_max) for part in parts[1 : 1 + rule.numbers]]
    vnet = parts[shortest] if len(parts) > shortest else None
    if rule.vnet_read and vnet is not None and not _is_vnet(vnet, number_max):
        return None
    *owner, number = numbers
    if number is None or None in owner:
        return None
    return VmName(
        kind=kind,
        number=number,
        instance=parts[1 + rule.numbers],
        owner=owner[0] if owner else None,
        vnet=vnet,
    )


def _split(name: str) -> list[str]:
    """Java's `split("-")`: empty parts at the end are dropped, all others are kept."""
    parts = name.split("-")
    while parts and not parts[-1]:
        parts.pop()
    return parts


def _is_vnet(text: str, number_max: int | None) -> bool:
    # Ignoring case, Java compares letter by letter; no letter outside ASCII folds into these.
    is_untagged = text.isascii() and text.lower() == _UNTAGGED
    return is_untagged or _number(text, _HEX, 16, number_max) is not None


def _number(text: str, digits: dict[str, int], base: int, number_max: int | None) -> int | None:
    """`text` as a number, or None; a sign is no digit, as Java 6 had it.

    Not `int()`: that takes blanks, underscores and digits unknown to Java, and has limits of its
    own. Ending at the limit keeps a name of a million digits cheap.
    """
    number = 0
    for character in text:
        digit = digits.get(character)
        if digit is None:
            return None
        number = number * base + digit
        if number_max is not None and number > number_max:
            return None
    return number if text else None
