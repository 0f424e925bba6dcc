"""`vmuster sim`: a whole fleet in one thread, from one seed, and the laws watched over."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from click.core import ParameterSource

from vmuster.cli.asking.settings import completion_of
from vmuster.cli.asking.speaking import Failed, words
from vmuster.cli.commands import playing
from vmuster.cli.printing.forms import Form, Output, print_document, print_items
from vmuster.model.policy import Policy
from vmuster.model.states import HostMode
from vmuster.model.text import counted

if TYPE_CHECKING:
    from vmuster.reconcile.supposed import Change

_SCHEDULES: Final = 20
_FAULTS: Final = 2
_PATH: Final = click.Path(path_type=Path, exists=True)
_SCHEDULED: Final = ("seeds", "start", "jobs", "planted")
"""What is said of schedules of chance."""
_PLAYED: Final = ("stories", *_SCHEDULED, "update", "exhaustive", "faults")
"""What is said of plays."""
_SUPPOSED: Final = ("settings", "policy_file", "mode", "fail_on_difference")
"""What is said of a recording."""


@click.command("sim", short_help="Play fleets in bad worlds, and watch over the laws.")
@click.argument(
    "stories",
    nargs=-1,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="[STORY]...",
)
@click.option("--seeds", type=click.IntRange(1, 1_000_000), help="How many schedules. [20]")
@click.option("--start", type=click.IntRange(0), default=0, help="The first seed. [0]")
@click.option("--jobs", type=click.IntRange(1, 256), help="Processes. [one for each processor]")
@click.option("--planted", metavar="NAME|all", help="Plant this bug, and look for it.")
@click.option("--exhaustive", is_flag=True, help="Search a small world to its end instead.")
@click.option(
    "--faults", type=click.IntRange(0, 4), help="In it, at most so many; 4 takes minutes. [2]"
)
@click.option("--update", is_flag=True, help="Write into stories what happens in them now.")
@click.option("--from", "recording", type=_PATH, help="Carry a recording of your fleet through.")
@click.option(
    "--policy",
    "settings",
    multiple=True,
    metavar="SETTING=VALUE",
    shell_complete=completion_of(Policy),
    help="Had this setting been so. May be said several times.",
)
@click.option("--policy-file", type=_PATH, help="As --policy: the settings of a file (YAML, JSON).")
@click.option("--mode", type=click.Choice(words(HostMode)), help="Had each host been in it.")
@click.option("--fail-on-difference", is_flag=True, help="Exit 1 where anything differs.")
@click.option(
    "-o", "--output", type=click.Choice(["table", "json"]), default="table", help="How to print."
)
@click.pass_context
def sim(
    context: click.Context,
    stories: tuple[Path, ...],
    seeds: int | None,
    start: int,
    jobs: int | None,
    planted: str | None,
    exhaustive: bool,
    faults: int | None,
    update: bool,
    recording: Path | None,
    settings: tuple[str, ...],
    policy_file: Path | None,
    mode: str | None,
    fail_on_difference: bool,
    output: str,
) -> None:
    """Play a whole fleet (servers, agents, hosts, network, database, people) in one thread and in
    virtual time, with everything going wrong, and watch over the laws.

    Given stories, they are played and compared with what they say. Else schedules of chance are
    played, one for each seed. The same seed gives the same run, on any machine. Nothing outside is
    touched. Exit status 1 where a law was broken, or a story went another way.

    With --exhaustive: every state that two hosts, two VMs and a few faults can come to, one after
    the other, and of two servers that both believe they own a host.

    With --from: take a recording of your own fleet ('vmuster record fetch') as what its hosts show,
    and carry it through by the rules of this vmuster and another policy: what a pass would have
    written, the next one reads. Hosts do not react to what would have been sent: after the first
    difference it is a supposition. 'vmuster replay --from' judges each pass by itself.

    \b
    Examples:
      vmuster sim
      vmuster sim --seeds 200 -o json
      vmuster sim --start 4711 --seeds 1
      vmuster sim --planted all --seeds 100
      vmuster sim --exhaustive --faults 4
      vmuster sim story.txt
      vmuster sim --from monday.jsonl.gz --policy drift=enforce
    """
    _refuse_both(context, recording)
    if recording is not None:
        from vmuster.cli.asking.supposing import supposed

        differ = _carry(recording, supposed(settings, policy_file, mode), output)
        if differ and fail_on_difference:
            raise Failed("something would have been otherwise", hint="see what was printed")
        return
    _refuse_many(context)
    numbers = range(start, start + (seeds or _SCHEDULES))
    processes = jobs or os.cpu_count() or 1
    if stories:
        playing.stories(stories, output, update=update)
    elif exhaustive:
        playing.exhaustive(_FAULTS if faults is None else faults, output)
    elif planted:
        playing.planted(planted, numbers, processes, output)
    else:
        playing.schedules(numbers, processes, output)


def _refuse_many(context: click.Context) -> None:
    """Raise `click.UsageError` where what is said of one kind of play is said of another."""
    said = {name for name in _PLAYED if _is_said(context, name)}
    scheduled = said.intersection(_SCHEDULED)
    if "stories" in said and scheduled:
        raise click.UsageError(
            "stories have seeds of their own, and are played one after the other: play them"
            " without --seeds, --start, --jobs and --planted"
        )
    if "exhaustive" in said and (scheduled or "stories" in said):
        raise click.UsageError("--exhaustive leaves nothing to chance, and plays no story")
    if "faults" in said and "exhaustive" not in said:
        raise click.UsageError("--faults is said of --exhaustive")
    if "update" in said and "stories" not in said:
        raise click.UsageError("--update writes into stories: name them")


def _is_said(context: click.Context, name: str) -> bool:
    return context.get_parameter_source(name) is ParameterSource.COMMANDLINE


def _refuse_both(context: click.Context, recording: Path | None) -> None:
    """Raise `click.UsageError` where what is said of plays and of recordings is mixed."""
    strange = _SUPPOSED if recording is None else _PLAYED
    for name in strange:
        if _is_said(context, name):
            raise click.UsageError(
                "stories, --seeds, --planted and the like play fleets of their own; --policy,"
                " --mode and the like are said of a recording, with --from"
            )


def _carry(recording: Path, change: "Change", output: str) -> bool:
    """Print what would have become of a recorded fleet; whether anything would be otherwise."""
    from vmuster.cli.asking.state_folder import here
    from vmuster.cli.printing.recordings import DIFFERENCES, ENDS, document, ended, sums
    from vmuster.replay.recordings import read_passes
    from vmuster.replay.summary import summed_up
    from vmuster.sim.whatif.course import Course

    course, out = Course(change), Output(form=Form(output))
    with here():
        found = document(summed_up(course.compared(read_passes(recording))))
    records = [ended(end) for end in course.ends()]
    if not out.for_people:
        print_document({**found, "records": records}, out)
    else:
        if found["differences"]:
            print_items(found["differences"], DIFFERENCES, out)
        click.echo("\n".join(sums(found)))
        if records:
            click.echo(f"in the end {counted(len(records), 'record')} would be otherwise:")
            print_items(records, ENDS, out)
    return bool(found["differ"] or records)
