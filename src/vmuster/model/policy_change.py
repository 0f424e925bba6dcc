"""Settings of a policy, as people say them: all of them or none, and refused in words."""

from typing import TypeVar

import msgspec

from vmuster.model.errors import Refused
from vmuster.model.policy import FleetPolicy, Policy, allowed_values
from vmuster.model.text import bounded, visible

_Kind = TypeVar("_Kind", Policy, FleetPolicy)


def changed_policy(before: _Kind, settings: dict[str, object]) -> _Kind:
    """`before` with `settings`; text is read as the setting's type. Raises `Refused`."""
    kind = type(before)
    known = set(kind.__struct_fields__)
    unknown = sorted(visible(bounded(name, 80)) for name in set(settings) - known)
    if unknown or not settings:
        raise Refused(
            f"no such setting: {', '.join(unknown)}" if unknown else "no setting was given",
            hint="one of " + ", ".join(sorted(known)),
        )
    for setting, value in settings.items():
        try:
            msgspec.convert({setting: value}, kind, strict=False)
        except msgspec.ValidationError as error:
            raise Refused(
                f"{setting} can't be {visible(bounded(str(value), 80))}",
                hint=f"{setting}: {allowed_values(setting, kind)}",
            ) from error
    return msgspec.convert(msgspec.to_builtins(before) | settings, kind, strict=False)
