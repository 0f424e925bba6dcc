"""Requests that are waited for: what is asked, how it goes on, how it ended."""

import math
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from vmuster.cli.columns import OPERATIONS
from vmuster.cli.printing import Form, print_item
from vmuster.cli.speaking import Failed
from vmuster.model.text import visible

if TYPE_CHECKING:
    from vmuster.client.rest import Answer, Client

_POLL_SECONDS: Final = 30.0
_OPEN: Final = frozenset({"pending", "running"})


def see_through(client: "Client", operation: "Answer", *, wait: bool, form: Form) -> None:
    """Wait for an operation, unless told not to, and print it; `Failed` where it failed."""
    tell(f"{_said(operation)}: operation {operation['id']}")
    if wait:
        operation = _ended(client, operation)
    print_item(operation, OPERATIONS, form)
    if operation["state"] == "failed":
        raise Failed(
            f"{_said(operation)} failed: {operation['message']}",
            hint=f"vmuster vm explain {operation['vm']}",
        )


def see_all_through(client: "Client", operations: Sequence["Answer"]) -> None:
    """Wait for several operations; `Failed` where one of them failed."""
    ended = [_ended(client, operation) for operation in operations]
    failed = [operation for operation in ended if operation["state"] == "failed"]
    if failed:
        first = failed[0]
        raise Failed(
            f"{len(failed)} of {len(ended)} failed: {_said(first)}: {first['message']}",
            hint=f"vmuster vm explain {first['vm']}",
        )


def tell(progress: str) -> None:
    """Say how it goes on, to a person who watches."""
    if sys.stderr.isatty():
        click.echo(visible(progress), err=True)


def _ended(client: "Client", operation: "Answer") -> "Answer":
    """The operation once it has ended; `Failed` where it is not settled well after its deadline."""
    allowed: float = operation["deadline_at"] - operation["created_at"]
    for _ in range(math.ceil(allowed / _POLL_SECONDS) + 2):
        operation = client.operation(operation["id"], wait_seconds=_POLL_SECONDS)
        if operation["state"] not in _OPEN:
            return operation
        tell(f"{_said(operation)}: {operation['state']} {operation['message']}".rstrip())
    raise Failed(
        f"{_said(operation)} is still {operation['state']}",
        hint=f"vmuster operation show {operation['id']}",
    )


def _said(operation: "dict[str, Any]") -> str:
    return f"{operation['kind']} {operation['name']}"
