"""A host is edited: what it is called, what may be done on it, how it is reached.

Who a host is stays as it was: its uuid is not edited, so that another machine that answers at the
new address is refused by the greeting, as at the old one. What a person accepted was accepted of
whoever answered where the host was reached then, and ends with that.

An operation may be open meanwhile. To the agent it is as if the server had been started anew: the
conversation begins again, commands are sent again under the same ids, the journal of the host's
agent says what came of them, and what is not known is looked at before it is tried again.
"""

from typing import Final

import msgspec

from vmuster.model.host import (
    Host,
    LocalProfile,
    LoopbackProfile,
    Profile,
    SimulatedProfile,
    SshProfile,
    TlsProfile,
)
from vmuster.model.states import HostMode

_HOW: Final = ("credential", "host_key")
"""Fields of a profile that say how a host is opened, and not where it is."""


class HostEdit(msgspec.Struct, frozen=True, kw_only=True):
    """What shall be otherwise; None: nothing. `shared`: it is known that another fleet marks VMs
    there."""

    name: str | None = None
    mode: HostMode | None = None
    profile: Profile | None = None
    shared: bool = False


def edited(host: Host, edit: HostEdit) -> Host:
    """`host` as it is to be."""
    profile = host.profile if edit.profile is None else edit.profile
    mode = edit.mode or host.mode
    if edit.mode is None and hypervisor(profile) != hypervisor(host.profile):
        mode = HostMode.OBSERVE  # what is there nobody has seen yet, as with a new host
    if profile != host.profile:
        host = msgspec.structs.replace(
            host,
            profile=profile,
            claims=None,
            accepted=host.accepted if _place(profile) == _place(host.profile) else None,
        )
    return msgspec.structs.replace(host, name=edit.name or host.name, mode=mode)


def told(before: Host, edit: HostEdit) -> str:
    """What is edited, in words."""
    after = edited(before, edit)
    words: list[str] = []
    if after.name != before.name:
        words.append(f"name {before.name} → {after.name}")
    if after.mode is not before.mode:
        said = " (shared with another fleet)" if edit.shared else ""
        words.append(f"{before.mode} → {after.mode}{said}")
    if after.profile != before.profile:
        words.append(f"reached by {_way(before.profile)} → {_way(after.profile)}")
    return f"host {before.name}: {'; '.join(words)}"


def evidence(before: Host, edit: HostEdit) -> dict[str, object]:
    """What was there, and what is there now. A profile holds no secret: of a credential its name,
    of a host key its public half."""
    after = edited(before, edit)
    fields = [
        field
        for field in ("name", "mode", "profile")
        if getattr(before, field) != getattr(after, field)
    ]
    return {
        word: {field: msgspec.to_builtins(getattr(row, field)) for field in fields}
        for word, row in (("before", before), ("after", after))
    }


def hypervisor(profile: Profile) -> tuple[object, ...]:
    """Which of a machine's hypervisors is meant: the machine's uuid is the same for all of them,
    and what one shows another does not know."""
    match profile:
        case SshProfile(scope="session", user=user):
            return "session", user
        case LocalProfile(scope=scope) | SshProfile(scope=scope) | TlsProfile(scope=scope):
            return (scope,)
        case LoopbackProfile(port=port):
            return "loopback", port
        case SimulatedProfile(name=name):
            return "simulated", name


def _place(profile: Profile) -> dict[str, object]:
    plain: dict[str, object] = msgspec.to_builtins(profile)
    return {field: value for field, value in plain.items() if field not in _HOW}


def _way(profile: Profile) -> str:
    """How a host is reached, in a few words."""
    match profile:
        case LocalProfile(scope=scope):
            return f"local ({scope})"
        case LoopbackProfile(port=port):
            return f"loopback {port}"
        case SshProfile():
            return f"ssh {profile.user}@{profile.address}:{profile.port}{_opened(profile)}"
        case TlsProfile():
            return f"tls {profile.address}:{profile.port}{_opened(profile)}"
        case SimulatedProfile(name=name):
            return f"simulated {name}"


def _opened(profile: SshProfile | TlsProfile) -> str:
    by = f", credential {profile.credential}" if profile.credential else ""
    return f" ({profile.scope}{by})"
