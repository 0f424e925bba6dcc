"""`vmuster sim`: a whole fleet in one thread, from one seed, and the laws watched over."""

import os
from pathlib import Path
from typing import Final

import click
import msgspec

from vmuster.cli.asking.progressing import progress
from vmuster.cli.asking.speaking import Failed
from vmuster.model.text import counted

_SCHEDULES: Final = 20


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
@click.option("--update", is_flag=True, help="Write into stories what happens in them now.")
@click.option(
    "-o", "--output", type=click.Choice(["table", "json"]), default="table", help="How to print."
)
def sim(
    stories: tuple[Path, ...],
    seeds: int | None,
    start: int,
    jobs: int | None,
    planted: str | None,
    update: bool,
    output: str,
) -> None:
    """Play a whole fleet (servers, agents, hosts, network, database, people) in one thread and in
    virtual time, with everything going wrong, and watch over the laws.

    Given stories, they are played and compared with what they say. Else schedules of chance are
    played, one for each seed. The same seed gives the same run, on any machine. Nothing outside is
    touched. Exit status 1 where a law was broken, or a story went another way.

    \b
    Examples:
      vmuster sim
      vmuster sim --seeds 200 -o json
      vmuster sim --start 4711 --seeds 1
      vmuster sim --planted all --seeds 100
      vmuster sim story.txt
    """
    if stories and (seeds or planted):
        raise click.UsageError("stories have seeds of their own: play them without --seeds")
    if stories:
        _tell(stories, update=update)
        return
    if update:
        raise click.UsageError("--update writes into stories: name them")
    numbers = range(start, start + (seeds or _SCHEDULES))
    processes = jobs or os.cpu_count() or 1
    if planted:
        _plant(planted, numbers, processes, output)
    else:
        _play(numbers, processes, output)


def _tell(stories: tuple[Path, ...], *, update: bool) -> None:
    from vmuster.sim.stories.telling import told

    bad = 0
    for path in stories:
        answer = told(path, update=update)
        click.echo("\n".join(answer.lines))
        bad += answer.exit_code != 0
    if bad:
        raise Failed(
            f"{bad} of {len(stories)} stories went another way",
            hint="read how; where it is meant, --update writes it down",
        )


def _play(seeds: range, jobs: int, output: str) -> None:
    from vmuster.sim.seeds.running import run_seeds, tally
    from vmuster.sim.seeds.telling import lines_of, lines_of_failure

    with progress("schedules", len(seeds)) as steps:
        outcomes = run_seeds(seeds, min(jobs, len(seeds)), steps.step)
    added = tally(outcomes, {})
    if output == "json":
        click.echo(msgspec.json.encode(added))
    else:
        steps = sum(outcome.steps for outcome in outcomes)
        click.echo("\n".join(lines_of(added, steps)))
    failed = sorted((each for each in outcomes if each.violations), key=lambda each: each.seed)
    if failed:
        click.echo("\n".join(lines_of_failure(failed[0])), err=output == "json")
        raise Failed(
            f"laws were broken in {counted(len(failed), 'schedule')}",
            hint=f"vmuster sim --start {failed[0].seed} --seeds 1",
        )


def _plant(name: str, seeds: range, jobs: int, output: str) -> None:
    from vmuster.sim.planted.catalogue import CATALOGUE
    from vmuster.sim.seeds.running import find_planted, tally
    from vmuster.sim.seeds.telling import lines_of_planted

    names = list(CATALOGUE) if name == "all" else [name]
    if names[0] not in CATALOGUE:
        raise click.BadParameter(f"no bug is called {name}; one of: {', '.join(CATALOGUE)}")
    with progress("planted bugs", len(names)) as steps:
        found = find_planted(names, seeds, min(jobs, len(names)), steps.step)
    if output == "json":
        click.echo(msgspec.json.encode(tally([], found)))
    else:
        click.echo("\n".join(lines_of_planted(found)))
