"""What a person supposes to have been otherwise: a policy said, or written in a file; a mode."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, cast

import click
import yaml

from vmuster.cli.asking.settings import pairs
from vmuster.model.errors import VmusterError
from vmuster.model.policy import Policy
from vmuster.model.policy_change import changed_policy
from vmuster.model.states import HostMode
from vmuster.reconcile.supposed import Change

_BYTES_MAX: Final = 1 << 20


def supposed(settings: Sequence[str], file: Path | None, mode: str | None) -> Change:
    """The change that is supposed; what is said counts before what is in the file. Raises
    `click.UsageError` where a setting is none."""
    chosen: dict[str, Any] = {**(_written(file) if file is not None else {}), **pairs(settings)}
    try:
        if chosen:
            changed_policy(Policy(), chosen)
    except VmusterError as error:
        raise click.UsageError(str(error)) from error
    return Change(settings=chosen, mode=HostMode(mode) if mode is not None else None)


def _written(file: Path) -> dict[str, Any]:
    """The settings in a file: alone, or under `policy`, as a cluster is printed."""
    try:
        with file.open("rb") as opened:
            said: object = yaml.safe_load(opened.read(_BYTES_MAX))
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise click.UsageError(f"{file} can't be read as YAML or JSON: {error}") from error
    found = cast("dict[object, object]", said) if isinstance(said, dict) else {}
    policy = found.get("policy", found)
    if not isinstance(policy, dict) or not policy:
        raise click.UsageError(f"{file} says no settings of a policy")
    return {str(name): value for name, value in cast("dict[object, object]", policy).items()}
