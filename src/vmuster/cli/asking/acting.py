"""One act on many VMs: each its own request with its own outcome, none in silence.

What is asked for one VM is printed as the operation that it is. Of several there is a table at the
end, and the exit status is 1 if one of them was refused or failed.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from vmuster.cli.asking.confirming import can_ask
from vmuster.cli.asking.progressing import Steps, progress
from vmuster.cli.asking.speaking import Failed
from vmuster.cli.asking.waiting import ended, see_through, warn
from vmuster.cli.printing.columns import OUTCOMES
from vmuster.cli.printing.forms import Output, print_items
from vmuster.model.text import counted, visible

if TYPE_CHECKING:
    from vmuster.client.rest import Answer, Client

AT_ONCE_MAX: Final = 10
"""More VMs than that take a person's word."""
_NAMED_MAX: Final = 20
REFUSED, REHEARSED = "refused", "would be asked"
_BAD: Final = frozenset({REFUSED, "failed"})


class Meant(msgspec.Struct, frozen=True, kw_only=True):
    """A VM that is meant: what it is called here, what the server is asked by, and where it is."""

    name: str
    reference: str
    host: str = ""


Ask = Callable[[Meant], "Answer"]
Outcome = dict[str, Any]
"""`vm`, `state`, `message`, and the `operation` as the API gives it; null where there is none."""


def act(
    client: "Client",
    act: str,
    vms: Sequence[Meant],
    ask: Ask,
    *,
    wait: bool,
    out: Output,
    many: bool = False,
) -> None:
    """Ask for one act on each VM by `ask`, wait for the end of it, and print what became of it.

    `many`: several were meant, however many they are; what is printed is a list then, too.
    """
    if len(vms) == 1 and not many:
        see_through(client, ask(vms[0]), wait=wait, out=out)
        return
    with progress(f"{act} {counted(len(vms), 'VM')}", 2 * len(vms) if wait else len(vms)) as steps:
        outcomes = [_asked(vm, ask, steps) for vm in vms]
        warned: set[str] = set()
        if not wait:
            for operation in _taken_in(outcomes):
                warn(client, operation, warned, steps, waited_for=False)
        else:
            outcomes = [_waited(client, outcome, warned, steps) for outcome in outcomes]
    print_items(outcomes, OUTCOMES, out)
    bad = sum(outcome["state"] in _BAD for outcome in outcomes)
    if bad:
        raise Failed(
            f"{bad} of {counted(len(vms), 'request')} were refused or failed",
            hint="see the message of each; the others are done",
        )


def confirm_many(act: str, vms: Sequence[Meant], *, yes: bool, always: bool = False) -> None:
    """Go on with many VMs only where that is wanted: a person types how many they are.

    `always`: few of them are asked about, too. Raises `Failed`.
    """
    if always or len(vms) > AT_ONCE_MAX:
        for line in _names(vms):
            click.echo(visible(line), err=True)
    if yes or (len(vms) <= AT_ONCE_MAX and not always):
        return
    if not can_ask():
        raise Failed(
            f"not done: {act} {counted(len(vms), 'VM')}", hint="say --yes if that is what you want"
        )
    typed = click.prompt(f"{act} these? Type how many VMs they are", default="", err=True)
    if typed.strip() != str(len(vms)):
        raise Failed("not done: that is not their number", hint="nothing was changed")


def _names(vms: Sequence[Meant]) -> list[str]:
    more = [f"and {len(vms) - _NAMED_MAX} more"] if len(vms) > _NAMED_MAX else []
    return [
        f"{counted(len(vms), 'VM')}:",
        *(f"  {vm.name}" for vm in vms[:_NAMED_MAX]),
        *(f"  {line}" for line in more),
    ]


def _asked(vm: Meant, ask: Ask, steps: Steps) -> Outcome:
    from vmuster.client.errors import ClientError, Rehearsed

    steps.say(vm.name)
    operation: Answer | None = None
    try:
        operation = ask(vm)
        state, message = str(operation["state"]), str(operation["message"])
    except Rehearsed as rehearsed:
        state, message, operation = REHEARSED, "nothing was changed", rehearsed.document
    except ClientError as error:
        state, message = REFUSED, f"{error} ({error.hint})" if error.hint else str(error)
    steps.step()
    return {"vm": vm.name, "state": state, "message": message, "operation": operation}


def _taken_in(outcomes: Sequence[Outcome]) -> "Iterator[Answer]":
    """The operations that are under way."""
    for outcome in outcomes:
        if outcome["operation"] is not None and outcome["state"] != REHEARSED:
            yield outcome["operation"]


def _waited(client: "Client", outcome: Outcome, warned: set[str], steps: Steps) -> Outcome:
    operation = outcome["operation"]
    if operation is None or outcome["state"] == REHEARSED:
        steps.step()
        return outcome
    try:
        operation = ended(client, operation, warned, steps)
        state, message = operation["state"], operation["message"]
    except Failed as late:
        state, message = "failed", late.message
    steps.step()
    return {**outcome, "state": state, "message": message, "operation": operation}
