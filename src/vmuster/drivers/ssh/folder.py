"""What OpenSSH is given for one host: a folder with a program, its settings and the pinned key.

libvirt and the witness run the same program, `ssh` in the folder, in place of the real one. It
goes into its folder and runs `/usr/bin/ssh` on the settings there, so that nothing of the user's
own or of the machine's settings counts, and every name in them is short and ours: no text of a
profile, and no path, is ever written into a settings file or a script. The address, the port and
the user come as arguments, from `uri_of` and from `command_line` below. A twin of the program also
names what it runs over there, so that the witness can tell whether it is on the same machine.

Why the client and not libssh, which libvirt speaks too: one implementation and one set of
settings serve libvirt, the witness and the operator's own key and agent; a silent host is noticed
by `ServerAliveInterval`, which libssh has not; and a key that differs is refused by the tool that
everybody audits.
"""

import os
import shutil
from pathlib import Path
from typing import Final

from vmuster.model.host import SshProfile

CONNECT_SECONDS: Final = 8
"""The longest that a connection, its greeting and its keys are waited for, together."""

PROGRAM: Final = "ssh"
NAMING_PROGRAM: Final = "ssh-named"
_SETTINGS: Final = "settings"
_PINNED: Final = "known_hosts"
_IDENTITY: Final = "identity"
_AGENT: Final = "agent"
_ALIAS: Final = "the-host"
"""The name under which the pinned key is looked up, whatever the host's address is."""

_SCRIPT: Final = f"""\
#!/bin/sh
cd "${{0%/*}}" || exit
next=
for each; do
    shift
    case $next in
    command) each="env LIBVIRT_AUTOSTART=0 $each" next=rest ;;
    host) next=command ;;
    "") [ "$each" != -- ] || next=host ;;
    esac
    set -- "$@" "$each"
done
exec /usr/bin/ssh -F {_SETTINGS} "$@\""""
"""What runs over there is libvirt's own `virt-ssh-helper`, which would start a daemon of the user
where none listens, and that one VMs; sshd passes no variable of ours on, so `env` sets it."""

_COMMON: Final = f"""\
HostKeyAlias {_ALIAS}
UserKnownHostsFile {_PINNED}
GlobalKnownHostsFile none
StrictHostKeyChecking yes
UpdateHostKeys no
CheckHostIP no
VerifyHostKeyDNS no
CanonicalizeHostname no
BatchMode yes
PreferredAuthentications publickey
PasswordAuthentication no
KbdInteractiveAuthentication no
ConnectTimeout {CONNECT_SECONDS}
ConnectionAttempts 1
ServerAliveInterval 5
ServerAliveCountMax 2
TCPKeepAlive yes
ClearAllForwardings yes
ForwardAgent no
ForwardX11 no
Tunnel no
PermitLocalCommand no
ProxyCommand none
ProxyJump none
ControlMaster no
ControlPath none
RequestTTY no
EscapeChar none
LogLevel ERROR
"""
_BY_CREDENTIAL: Final = f"""\
IdentityAgent none
IdentitiesOnly yes
IdentityFile {_IDENTITY}
"""
_BY_AGENT: Final = f"""\
IdentityAgent {_AGENT}
"""
_BY_FILES: Final = """\
IdentityAgent none
"""


def lay_out(
    folder: Path, host_key: str, agent_socket: str, identity: bytes | None, line: str
) -> None:
    """Make the folder anew, for its owner alone.

    `line`: a word of ours, the name that the naming program gives to a shell over there.
    `identity`: a private key; None for the user's own keys, and for their agent where
    `agent_socket` names one. The identity file is 0600 and nobody else can ever have read it.
    """
    take_away(folder)
    folder.mkdir(parents=True, mode=0o700)
    if identity is not None:
        settings = _BY_CREDENTIAL
        write_file(folder / _IDENTITY, identity, 0o600)
    elif agent_socket:
        settings = _BY_AGENT
        # By a link, so that the path of the socket is no text of the settings.
        (folder / _AGENT).symlink_to(agent_socket)
    else:
        settings = _BY_FILES
    write_file(folder / _PINNED, f"{_ALIAS} {host_key}\n".encode("ascii"), 0o600)
    write_file(folder / _SETTINGS, (_COMMON + settings).encode("ascii"), 0o600)
    write_file(folder / PROGRAM, f"{_SCRIPT}\n".encode("ascii"), 0o700)
    # libvirt's last argument is `sh -c '...'`; what follows is the name of that shell.
    write_file(folder / NAMING_PROGRAM, f"{_SCRIPT} {line}\n".encode("ascii"), 0o700)


def take_away(folder: Path) -> None:
    """Remove the folder, and what is unsealed in it, if it is there."""
    if folder.is_symlink():
        folder.unlink()
    shutil.rmtree(folder, ignore_errors=True)


def command_line(folder: Path, profile: SshProfile, *remote: str) -> list[str]:
    """The arguments that run `remote` on the host of a profile that has no flaw."""
    place = ["-T", "-p", str(profile.port), "-l", profile.user, "--", profile.address]
    return [str(folder / PROGRAM), *place, *remote]


def write_file(path: Path, content: bytes, mode: int) -> None:
    """Write a file that is not there yet."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        _ = file.write(content)
