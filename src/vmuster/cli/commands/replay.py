"""`vmuster replay`: what the passes would decide about given cases; no server, no hypervisor."""

from typing import BinaryIO

import click

from vmuster.cli.asking.speaking import Failed


@click.command("replay", short_help="What would be decided about given cases.")
@click.argument("file", type=click.File("rb"), metavar="FILE|-")
def replay(file: BinaryIO) -> None:
    """Answer each case (a line of JSON) by what vmuster would decide (a line of JSON).

    \b
    Examples:
      vmuster replay cases.jsonl
      echo '{"case": "1", "report": {"host": "a", "complete": true, "vms": []}}' | vmuster replay -
    """
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
