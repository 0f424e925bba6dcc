"""The settings of a policy on the command line: their help, and their completion."""

from click import Context, Parameter
from click.shell_completion import CompletionItem

from vmuster.model.policy import Policy, allowed_values

NAMES = Policy.__struct_fields__


def settings_help() -> str:
    """One line for each setting: its name, what it may be, and its default."""
    lines = [f"  {name:24} {allowed_values(name)}" for name in NAMES]
    return "\b\nSettings:\n" + "\n".join(lines)


def complete_settings(_context: Context, _parameter: Parameter, typed: str) -> list[CompletionItem]:
    """`SETTING=`, and after it the values where they are words."""
    name, equals, _value = typed.partition("=")
    if not equals:
        return [CompletionItem(f"{each}=") for each in NAMES if each.startswith(typed)]
    if name not in NAMES:
        return []
    values = allowed_values(name).partition(" [")[0]
    offered = [] if " from " in values else [f"{name}={word}" for word in values.split(", ")]
    return [CompletionItem(each) for each in offered if each.startswith(typed)]
