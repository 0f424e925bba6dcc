"""Requests that are waited for: what is asked, how it goes on, how it ended."""

import math
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from vmuster.cli.asking.progressing import Steps, progress
from vmuster.cli.asking.speaking import Failed
from vmuster.cli.printing.columns import OPERATIONS
from vmuster.cli.printing.forms import Output, print_item
from vmuster.cli.printing.moments import at, seconds
from vmuster.model.text import counted, visible

if TYPE_CHECKING:
    from vmuster.client.rest import Answer, Client

_POLL_SECONDS: Final = 30.0
_NAMED_MAX: Final = 5
"""Failures that are told with their reasons."""
_OPEN: Final = frozenset({"pending", "running"})


def see_through(client: "Client", operation: "Answer", *, wait: bool, out: Output) -> None:
    """Wait for an operation, unless told not to, and print it; `Failed` where it failed."""
    tell(f"{_said(operation)}: operation {operation['id']}")
    with progress(_said(operation), 1) as steps:
        if wait:
            operation = ended(client, operation, set(), steps)
        else:
            warn(client, operation, set(), steps, waited_for=False)
    print_item(operation, OPERATIONS, out)
    if operation["state"] == "failed":
        raise Failed(
            f"{_said(operation)} failed: {operation['message']}",
            hint=f"vmuster vm explain {operation['vm']}",
        )


def see_all_through(client: "Client", operations: Sequence["Answer"]) -> None:
    """Wait for several operations; `Failed` where one of them failed."""
    settled: list[Answer] = []
    warned: set[str] = set()
    with progress(counted(len(operations), "request"), len(operations)) as steps:
        for operation in operations:
            settled.append(ended(client, operation, warned, steps))
            steps.step()
    failed = [operation for operation in settled if operation["state"] == "failed"]
    if failed:
        each = [f"{_said(one)}: {one['message']}" for one in failed[:_NAMED_MAX]]
        more = [f"and {len(failed) - len(each)} more"] if len(failed) > len(each) else []
        raise Failed(
            f"{len(failed)} of {counted(len(settled), 'request')} failed: {'; '.join(each + more)}",
            hint="vmuster operation list",
        )


def tell(progress: str) -> None:
    """Say how it goes on, to a person who watches."""
    if sys.stderr.isatty():
        click.echo(visible(progress), err=True)


def ended(client: "Client", operation: "Answer", warned: set[str], steps: Steps) -> "Answer":
    """The operation once it has ended; `Failed` where it is not settled well after its deadline.

    `warned`: hosts of which it was said that they keep us waiting.
    """
    allowed = seconds(operation["deadline_at"]) - seconds(operation["created_at"])
    for _ in range(math.ceil(allowed / _POLL_SECONDS) + 2):
        steps.say(f"{_said(operation)}: {operation['state']} {operation['message']}".rstrip())
        warn(client, operation, warned, steps)
        operation = client.operation(operation["id"], wait_seconds=_POLL_SECONDS)
        if operation["state"] not in _OPEN:
            return operation
    raise Failed(
        f"{_said(operation)} is still {operation['state']}",
        hint=f"vmuster operation show {operation['id']}",
    )


def warn(
    client: "Client",
    operation: "Answer",
    warned: set[str],
    steps: Steps,
    *,
    waited_for: bool = True,
) -> None:
    """Say once, to people and logs alike, that the host of an open operation is not up.

    `waited_for`: whether we wait for the operation, too.
    """
    if operation["host"] in warned or operation["state"] not in _OPEN:
        return
    host = client.host(operation["host"])
    if host["health"] == "up":
        return
    warned.add(operation["host"])
    why = f" ({host['trouble']})" if host["trouble"] else ""
    ends = " Ctrl-C ends the waiting and keeps the request:" if waited_for else ""
    steps.note(
        f"host {host['name']} is {host['health']}{why}; {_said(operation)} waits for it, until"
        f" {at(operation['deadline_at'])}.{ends} see 'vmuster operation show {operation['id']}'"
    )


def _said(operation: "dict[str, Any]") -> str:
    return f"{operation['kind']} {operation['name']}"
