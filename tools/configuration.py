"""Writes the tables of docs/configuration.md: every setting of a server.

They are made of the settings themselves; a test fails when they are stale. Run:
`python -m tools.configuration`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from vmuster.api.gates.limits import Limits
from vmuster.wiring.settings.configuring import TYPES, allowed, flag, variable
from vmuster.wiring.settings.meanings import meanings
from vmuster.wiring.settings.table import ONCE, SECTIONS, Settings

PAGE: Final = Path(__file__).parents[1] / "docs" / "configuration.md"

_BEGIN: Final = "<!-- settings -->\n"
_END: Final = "<!-- end of settings -->\n"


def render(page: str) -> str:
    """The whole page, with the tables of the settings in their place."""
    before, _, rest = page.partition(_BEGIN)
    after = rest.partition(_END)[2]
    return "".join([before, _BEGIN, *_sections(), "\n", _END, after])


def _sections() -> Iterator[str]:
    meant = meanings(Settings)
    meant |= {f"limits.{name}": text for name, text in meanings(Limits).items()}
    for title, names in SECTIONS.items():
        shown = [name for name in TYPES if name.partition(".")[0] in names]
        yield f"\n# {title}\n\n"
        yield from _note(names)
        yield from _table(shown, meant)


def _note(names: tuple[str, ...]) -> Iterator[str]:
    if "limits" in names:
        yield "In files these stand in a section, `[limits]`; they have no flags.\n\n"


def _table(settings: list[str], meant: dict[str, str]) -> Iterator[str]:
    yield "| setting | may be | default | |\n|---|---|---|---|\n"
    for setting in settings:
        name = setting.rpartition(".")[2]
        said = f"**{name}**<br>" + " ".join(f"`{way}`" for way in _ways(setting))
        yield f"| {said} | {allowed(setting)} | {_default(setting)} | {meant[setting]} |\n"


def _ways(setting: str) -> list[str]:
    ways = [] if setting in ONCE else [variable(setting)]
    return ways if "." in setting else [*ways, flag(setting)]


def _default(setting: str) -> str:
    kind: Any = Limits if "." in setting else Settings
    defaults = {field.name: field.default for field in msgspec.structs.fields(kind)}
    match defaults[setting.rpartition(".")[2]]:
        case msgspec.NODEFAULT | None | "" | ():
            return ""
        case bool(value):
            return str(value).lower()
        case float(value):
            return f"{value:g}"
        case value:
            return f"{value}"


if __name__ == "__main__":
    PAGE.write_text(render(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
