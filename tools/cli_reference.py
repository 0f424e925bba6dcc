"""Writes docs/cli.md: every command of `vmuster`, with its options and its examples.

The page is made from the commands themselves, and from nothing else; a test fails when it is stale.
Run: `python -m tools.cli_reference`.
"""

from collections.abc import Iterable, Iterator, Sequence
from inspect import cleandoc
from pathlib import Path
from textwrap import dedent
from typing import Any, Final

import click

from vmuster.cli.asking.speaking import changes, prints, speaks
from vmuster.cli.asking.watching import watches
from vmuster.cli.grouping import STATUSES
from vmuster.cli.main import cli
from vmuster.cli.printing.listing import lists

OUTPUT: Final = Path(__file__).parents[1] / "docs" / "cli.md"
_VERBATIM: Final = "\b\n"
_WIDTH: Final = 100
_EXAMPLES: Final = "Examples:\n"

_HEAD: Final = """\
# The command line

Every command of `vmuster`, as `vmuster COMMAND --help` tells it too. Written by
`tools/cli_reference.py`; do not edit it by hand.

Data goes to stdout, everything else to stderr. `vmuster vms` is `vmuster vm list`, and so for every
noun; `ls` is `list`. An unknown command, choice or name is answered with what was probably meant.

## Exit status

{statuses}
## Which server is meant

In this order: `--url` and `--key`; `--context NAME`; `VMUSTER_URL` and `VMUSTER_API_KEY`;
`VMUSTER_CONTEXT`; the [context](#vmuster-context) in use; the `client.toml` that a server on this
machine wrote into its state folder. A key that stands in a file goes only to the server that the
same file names. Off this machine everything goes over TLS; a server with a CA of its own is known
by the CA's file (`ca`) or by the SHA-256 of its certificate (`fingerprint`).

`contexts.toml` lies in `$XDG_CONFIG_HOME/vmuster` (`~/.config/vmuster`):

```toml
use = "north"

[contexts.north]
url = "https://north.example.org:8040"
key_file = "north.key"   # or key = "..."
ca = "north.pem"         # paths are relative to this file's folder
```

## How things are printed

| `-o` | |
| --- | --- |
| `table` | for people: the columns that there is room for, in colours on a terminal |
| `wide` | a table with all columns |
| `json` | all there is, as the API gives it; ASCII, whatever a name holds |
| `yaml` | the same |
| `name` | names alone, one to a line |
| `csv` | all columns, for spreadsheets; text that looks like a formula gets a `'` in front |

What hides or moves other text (control characters, reversed writing) is printed as an escape.

### A command that *prints*

{prints}
### A command that *speaks* to a server

{speaks}
### A command that *watches* a state

{watches}
### A command that *lists* things

{lists}
### A command that *changes* something

{changes}"""


Shared = dict[str, list[click.Option]]
"""What commands do, and the options that they all have for it."""


def render() -> str:
    """The whole page."""
    shared = _shared()
    tables = {name: _options(own) for name, own in shared.items()}
    head = _HEAD.format(statuses=_table(("status", ""), STATUSES), **tables)
    return "\n".join([head, *_sections(shared)])


def _sections(shared: Shared) -> Iterator[str]:
    for heading, names in cli.sections.items():
        yield f"## {heading}\n"
        for name in names:
            yield from _command(cli.commands[name], ("vmuster",), shared)


def _command(command: click.Command, before: tuple[str, ...], shared: Shared) -> Iterator[str]:
    words = (*before, str(command.name))
    context = click.Context(command, info_name=" ".join(words), **cli.context_settings)
    yield f"{'#' * (len(words) + 1)} {' '.join(words)}\n"
    yield f"```text\n{' '.join([' '.join(words), *command.collect_usage_pieces(context)])}\n```\n"
    yield from _paragraphs(command.help or "")
    asks = command.get_help_option(context)
    takes = [each for each in command.get_params(context) if each is not asks]
    has = {_signature(each) for each in takes if isinstance(each, click.Option)}
    does = [name for name, options in shared.items() if has >= set(map(_signature, options))]
    known = {_signature(each) for name in does for each in shared[name]}
    own = [each for each in takes if _is_own(each, known)]
    if own:
        yield _options(own)
    if does:
        yield f"It {', '.join(does)}: see [how things are printed](#how-things-are-printed).\n"
    formatter = click.HelpFormatter(width=_WIDTH)
    command.format_epilog(context, formatter)
    if epilog := formatter.getvalue():
        yield f"```text\n{dedent(epilog).strip()}\n```\n"
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            if not inner.hidden:
                yield from _command(inner, words, shared)


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in cleandoc(text).split("\n\n"):
        if not paragraph.startswith(_VERBATIM):
            yield f"{_plain(paragraph)}\n"
            continue
        lines = paragraph.removeprefix(_VERBATIM)
        code = cleandoc(lines.removeprefix(_EXAMPLES))
        yield f"```{'sh' if lines.startswith(_EXAMPLES) else 'text'}\n{code}\n```\n"


def _plain(paragraph: str) -> str:
    """Text in which nothing is taken for Markdown."""
    return paragraph.replace("*", r"\*").replace("_", r"\_").replace("<", r"\<")


def _shared() -> Shared:
    """The options that a decorator gives to every command under it, less those it builds on."""

    def own(decorate: Any, *under: Any) -> list[click.Option]:
        known = {_signature(each) for one in under for each in _parameters(one)}
        return [each for each in _parameters(decorate) if _signature(each) not in known]

    return {
        "prints": own(prints),
        "speaks": own(speaks, prints),
        "watches": own(watches, speaks),
        "lists": own(lists, watches),
        "changes": own(changes, speaks),
    }


def _parameters(decorate: Any) -> list[click.Option]:
    command = click.command("probe")(decorate(lambda: None))
    return [each for each in command.params if isinstance(each, click.Option)]


def _signature(option: click.Option) -> Any:
    return (*option.opts, option.help)


def _is_own(parameter: click.Parameter, known: set[Any]) -> bool:
    return isinstance(parameter, click.Option) and _signature(parameter) not in known


def _options(options: Iterable[click.Parameter]) -> str:
    context = click.Context(cli)
    rows = [
        tuple(" ".join(cell.split()) for cell in record)
        for option in options
        if (record := option.get_help_record(context)) is not None
    ]
    return _table(("option", ""), [(f"`{names}`", _plain(said)) for names, said in rows])


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *(_cells(row) for row in rows)]
    return "".join("| " + " | ".join(cells) + " |\n" for cells in lines)


def _cells(row: Sequence[str]) -> list[str]:
    return [cell.replace("|", r"\|") for cell in row]


def main() -> None:
    """Write the page anew."""
    OUTPUT.write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    main()
