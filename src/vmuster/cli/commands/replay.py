"""`vmuster replay`: what would be decided about given cases, or about what was recorded; no server,
no hypervisor."""

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click
from click.core import ParameterSource

from vmuster.cli.asking.settings import completion_of
from vmuster.cli.asking.speaking import Failed, prints, words
from vmuster.cli.printing.forms import Form, Output, print_items, print_told
from vmuster.model.policy import Policy
from vmuster.model.states import HostMode

if TYPE_CHECKING:
    from vmuster.reconcile.supposed import Change

_PATH = click.Path(path_type=Path, exists=True)
_ASKED = ("settings", "policy_file", "mode", "fail_on_difference", "form", "color")
"""What is only said of a recording."""


@click.command("replay", short_help="What would be decided about given cases, or a recording.")
@click.argument("file", type=click.File("rb"), metavar="FILE|-", required=False)
@click.option("--from", "recording", type=_PATH, help="Decide again what was recorded.")
@click.option(
    "--policy",
    "settings",
    multiple=True,
    metavar="SETTING=VALUE",
    shell_complete=completion_of(Policy),
    help="What if this setting had been so? May be said several times.",
)
@click.option(
    "--policy-file",
    type=_PATH,
    help="As --policy: the settings of a file (YAML or JSON), such as 'vmuster cluster show -o"
    " yaml' prints.",
)
@click.option("--mode", type=click.Choice(words(HostMode)), help="What if each host were in it?")
@click.option("--fail-on-difference", is_flag=True, help="Exit 1 where anything differs.")
@prints
@click.pass_context
def replay(
    context: click.Context,
    file: BinaryIO | None,
    recording: Path | None,
    settings: tuple[str, ...],
    policy_file: Path | None,
    mode: str | None,
    fail_on_difference: bool,
    out: Output,
) -> None:
    """Answer each case (a line of JSON) by what vmuster would decide (a line of JSON).

    With --from: decide every pass of a recording ('vmuster record fetch') again, each by itself, by
    the rules of this vmuster and the policy that was recorded, or one that you suppose; and say
    what would be decided otherwise.

    \b
    Examples:
      vmuster replay cases.jsonl
      echo '{"case": "1", "report": {"host": "a", "complete": true, "vms": []}}' | vmuster replay -
      vmuster replay --from monday.jsonl.gz
      vmuster replay --from monday.jsonl.gz --policy drift=enforce --policy restart=on-crash
    """
    if recording is not None:
        if file is not None:
            raise click.UsageError("say a file of cases, or --from, not both")
        from vmuster.cli.asking.supposing import supposed

        differ = _compare(recording, supposed(settings, policy_file, mode), out)
        if differ and fail_on_difference:
            raise Failed("something would be decided otherwise", hint="see what was printed")
        return
    for name in _ASKED:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise click.UsageError("--policy, --mode, -o and the like are said with --from")
    if file is None:
        raise click.MissingParameter(param=context.command.params[0], ctx=context)
    _answer(file)


def _answer(file: BinaryIO) -> None:
    from vmuster.replay.lines import answer_lines

    bad = 0
    for answer, good in answer_lines(file):
        click.echo(answer)
        bad += not good
    if bad:
        raise Failed(
            f"{bad} bad {'line' if bad == 1 else 'lines'}",
            hint="see 'error' in the answers; the other lines are answered",
        )


def _compare(recording: Path, change: "Change", out: Output) -> bool:
    """Print what would be decided otherwise; whether anything would."""
    from vmuster.cli.asking.state_folder import here
    from vmuster.cli.printing.recordings import DIFFERENCES, document, sums
    from vmuster.replay.differences import compared
    from vmuster.replay.recordings import read_passes
    from vmuster.replay.summary import summed_up

    with here():
        found = document(summed_up(compared(read_passes(recording), change)))
    if out.form in (Form.JSON, Form.YAML):
        print_told(found, out, names=(), told=tuple)
        return bool(found["differ"])
    if found["differences"] or not out.for_people:
        print_items(found["differences"], DIFFERENCES, out)
    if out.for_people:
        for line in sums(found):
            click.echo(line)
    return bool(found["differ"])
