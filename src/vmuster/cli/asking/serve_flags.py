"""The flags of `vmuster serve`, made of the table of settings."""

import re
from typing import Any, Final

import click
import msgspec

from vmuster.wiring.settings.configuring import TYPES, allowed, flag
from vmuster.wiring.settings.meanings import meanings
from vmuster.wiring.settings.table import ONCE, Settings

_BOUNDS: Final = re.compile(r"[:;.](?:\s|$)")


def flags() -> list[click.Parameter]:
    """A flag for each setting that is no limit of the API: those are for files and variables. What
    is not said is None, or no words at all."""
    meant = meanings(Settings)
    return [_flag(name, meant.get(name, "")) for name in TYPES if "." not in name]


def _flag(name: str, meaning: str) -> click.Parameter:
    kind = msgspec.inspect.type_info(TYPES[name])
    said = f"{_BOUNDS.split(meaning)[0]}."
    defaults = {field.name: field.default for field in msgspec.structs.fields(Settings)}
    default = defaults[name]
    if default not in (msgspec.NODEFAULT, None, "", (), False):
        said = f"{said} [default: {default}]"
    more: dict[str, Any]
    match kind:
        case msgspec.inspect.BoolType():
            names = flag(name) if name in ONCE else f"{flag(name)}/--no-{flag(name)[2:]}"
            more = {"default": None, "is_flag": True}
        case msgspec.inspect.VarTupleType():
            names, more = flag(name), {"multiple": True, "metavar": "TEXT"}
        case msgspec.inspect.EnumType():
            names, more = flag(name), {"type": click.Choice(allowed(name).split(", "))}
        case msgspec.inspect.IntType(ge=least, le=most):
            names, more = flag(name), {"type": click.IntRange(least, most)}
        case msgspec.inspect.FloatType(ge=least, le=most):
            names, more = flag(name), {"type": click.FloatRange(least, most)}
        case msgspec.inspect.StrType():
            names, more = flag(name), {}
        case _:
            names, more = flag(name), {"type": click.Path(), "metavar": "PATH"}
    return click.Option([names, name], help=said, **more)
