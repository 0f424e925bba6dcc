"""What `vmuster sim` plays (stories, schedules, bugs, small worlds), and what it says of it.

The simulator is imported where it is needed: no other command waits for it.
"""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from vmuster.cli.asking.progressing import progress
from vmuster.cli.asking.speaking import Failed
from vmuster.model.text import counted

if TYPE_CHECKING:
    from vmuster.sim.exhaustive.search import Searched
    from vmuster.sim.exhaustive.servers import Contest

_SHRINKING_SECONDS: Final = 180.0
"""For so long (of this process), and a play, a failing story is shortened."""
_ENOUGH: Final = 200
"""In so many schedules every rare state should come up."""


def stories(paths: tuple[Path, ...], output: str, *, update: bool) -> None:
    """Play stories, and tell which went another way than is written."""
    from vmuster.sim.stories.telling import told

    found: list[dict[str, Any]] = []
    for path in paths:
        answer = told(path, update=update)
        if output == "table":
            click.echo("\n".join(answer.lines))
        found.append(
            {
                "path": str(path),
                "title": answer.title,
                "ok": answer.exit_code == 0,
                "lines": answer.lines,
            }
        )
    if output == "json":
        click.echo(msgspec.json.encode({"stories": found}))
    bad = sum(not each["ok"] for each in found)
    if bad:
        raise Failed(
            f"{bad} of {len(paths)} stories went another way",
            hint="read how; where it is meant, --update writes it down",
        )


def schedules(seeds: range, jobs: int, output: str) -> None:
    """Play the schedules of seeds; where laws are broken, tell of the first with a short story."""
    from vmuster.sim.seeds.running import run_seeds, tally
    from vmuster.sim.seeds.telling import lines_of, lines_of_failure, missed

    with progress("schedules", len(seeds)) as steps:
        played = run_seeds(seeds, min(jobs, len(seeds)), steps.step, time.process_time)
    added = tally(played.outcomes, {})
    if output == "json":
        click.echo(msgspec.json.encode(added))
    else:
        steps = sum(outcome.steps for outcome in played.outcomes)
        click.echo("\n".join(lines_of(added, steps, played.cpu_seconds)))
    if added.schedules >= _ENOUGH and (never := missed(added)):
        click.echo(f"warning: never reached: {'; '.join(never)}", err=True)
    failed = sorted((each for each in played.outcomes if each.violations), key=lambda one: one.seed)
    if failed:
        end = time.process_time() + _SHRINKING_SECONDS
        said = lines_of_failure(failed[0], lambda: time.process_time() >= end)
        click.echo("\n".join(said), err=output == "json")
        raise Failed(
            f"laws were broken in {counted(len(failed), 'schedule')}",
            hint=f"vmuster sim --start {failed[0].seed} --seeds 1",
        )


def planted(name: str, seeds: range, jobs: int, output: str) -> None:
    """Look for a planted bug, or for all of them, among the schedules of seeds."""
    from vmuster.sim.planted.catalogue import CATALOGUE
    from vmuster.sim.seeds.running import find_planted, tally
    from vmuster.sim.seeds.telling import lines_of_planted

    names = list(CATALOGUE) if name == "all" else [name]
    if names[0] not in CATALOGUE:
        raise click.BadParameter(f"no bug is called {name}; one of: {', '.join(CATALOGUE)}")
    with progress("planted bugs", len(names)) as steps:
        added = tally([], find_planted(names, seeds, min(jobs, len(names)), steps.step))
    if output == "json":
        click.echo(msgspec.json.encode(added))
    else:
        click.echo("\n".join(lines_of_planted(added.planted)))


def exhaustive(faults_max: int, output: str) -> None:
    """Search the small worlds to their end, and tell how many states they have."""
    from vmuster.sim.exhaustive.search import search
    from vmuster.sim.exhaustive.servers import contest
    from vmuster.sim.exhaustive.telling import contest_lines, lines
    from vmuster.sim.exhaustive.truth import ActedOn

    worlds: list[Searched] = []
    with progress("small worlds", len(ActedOn) + 1) as steps:
        for acted_on in ActedOn:
            worlds.append(search(faults_max, acted_on))
            steps.step()
        servers = contest()
    if output == "json":
        click.echo(msgspec.json.encode({"worlds": worlds, "servers": _document(servers)}))
    else:
        said = [line for world in worlds for line in lines(world)]
        click.echo("\n".join([*said, *contest_lines(servers)]))
    broken = sum(len(each.violations) for each in worlds) + len(servers.violations)
    if broken:
        raise Failed(f"laws can be broken in {counted(broken, 'way')}", hint="read the paths to it")


def _document(servers: "Contest") -> dict[str, Any]:
    """As the small worlds are said: each violation with names for its parts."""
    violations = [{"law": law, "path": path} for law, path in servers.violations]
    return {**msgspec.to_builtins(servers), "violations": violations}
