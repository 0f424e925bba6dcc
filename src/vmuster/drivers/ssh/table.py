"""The process table of a host far away: the fixed command that reads it, and what it means.

The command is one constant text. It answers each line that it is given with an account that ends
in the word of that line: a random one, so that no command line of a process over there can end
an account early. Everything in between is untrusted text, read by `read_table`, which is pure.

That a process is not seen means something only where nothing can be hidden: the account must show
that `/proc` is of the namespace that the command runs in, that the hypervisor's own daemon is in
it, that every process could be read, and that the tool that searches them finds itself.
"""

from itertools import pairwise
from pathlib import PurePosixPath
from typing import Final, Literal
from uuid import UUID

import msgspec

from vmuster.model.ids import VmUuid

LOOK: Final = "look"
"""The wish for an account of the process table; any other word wishes for a sign of life."""

COMMAND: Final = r"""
LC_ALL=C; export LC_ALL
look() {
    read -r seen rest </proc/self/stat
    printf "self %s %s\n" "$seen" "$$"
    printf "folder %s\n" "${XDG_RUNTIME_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}}"
    for name in libvirtd virtqemud; do
        read -r pid 2>/dev/null </run/$name.pid && printf "pidfile %s\n" "$pid"
    done
    while read -r one two three flags five six inode path; do
        case $path in
        */libvirt-sock|*/libvirt-sock-ro|*/virtqemud-sock|*/virtqemud-sock-ro)
            printf "socket %s %s %s\n" "$flags" "$inode" "$path" ;;
        esac
    done </proc/net/unix
    for place in /proc/[0-9]*; do
        if read -r name 2>/dev/null <$place/comm; then
            case $name in libvirtd|virtqemud|systemd)
                printf "daemon %s\n" "${place#/proc/}"
                ls -l $place/fd 2>/dev/null | grep -o "socket:\[[0-9]*\]" ;;
            esac
        elif [ -d $place ]; then
            printf "hidden %s\n" "${place#/proc/}"
        fi
    done
    printf "arguments\n"
    grep -s -a -h -z -x -A1 --no-group-separator -e -uuid /proc/self/cmdline /proc/[0-9]*/cmdline
}
while read -r word what; do
    [ "$what" = look ] && look
    printf "\n%s\n" "$word"
done
"""
"""For any POSIX shell, and GNU grep. What is not there is not proved, and the account says less."""

Scope = Literal["system", "session"]

_SYSTEM: Final = frozenset({PurePosixPath("/run/libvirt"), PurePosixPath("/var/run/libvirt")})
"""One folder under two names, of which a daemon may have used either."""
_LISTENING: Final = "00010000"
_ARGUMENTS: Final = b"\narguments\n"
_OPTION: Final = b"-uuid"
_SEARCHER: Final = b"/proc/self/cmdline"
"""The argument after `-uuid` on the command line of the search itself: it must find itself."""


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """`held`: the VMs that a process was seen to hold; `whole`: whether none can be hidden."""

    held: frozenset[VmUuid]
    whole: bool


def read_table(account: bytes, scope: Scope) -> Table:
    """What an account says. Anything in it that is not understood makes it say less, never more."""
    head, found, tail = (b"\n" + account).partition(_ARGUMENTS)
    arguments = tail.split(b"\0") if found else []
    whole = (
        bool(found)
        and arguments[:2] == [_OPTION, _SEARCHER]
        and _sees_daemon(head.decode("utf-8", "replace").splitlines(), scope)
    )
    return Table(held=frozenset(_uuids(arguments)), whole=whole)


def _uuids(arguments: list[bytes]) -> list[VmUuid]:
    found: list[VmUuid] = []
    for option, value in pairwise(arguments):
        if option == _OPTION:
            try:
                found.append(VmUuid(UUID(value.decode("ascii"))))
            except ValueError:
                continue
    return found


def _sees_daemon(lines: list[str], scope: Scope) -> bool:
    """Whether the table is its reader's own and whole, and a daemon of this scope is in it.

    A daemon is known by a listening socket that it holds open; the one of the system, whose files
    a reader who is not root may not see, also by its process id in the file that root wrote.
    """
    said: dict[str, list[str]] = {}
    holders: dict[str, str] = {}
    daemon = ""
    for line in lines:
        kind, _, rest = line.partition(" ")
        if kind == "daemon":
            daemon = rest
        elif kind.startswith("socket:["):
            holders[kind] = daemon
        said.setdefault(kind, []).append(rest)
    own = [rest.split() for rest in said.get("self", [])]
    if len(own) != 1 or len(own[0]) != 2 or own[0][0] != own[0][1] or "hidden" in said:
        return False
    folders = _folders(said.get("folder", []), scope)
    sockets = [rest.split(" ", 2) for rest in said.get("socket", [])]
    listening = {
        f"socket:[{inode}]"
        for flags, inode, path in (socket for socket in sockets if len(socket) == 3)
        if flags == _LISTENING and PurePosixPath(path).parent in folders
    }
    if any(holders.get(socket) for socket in listening):
        return True
    return scope == "system" and not set(said.get("pidfile", [])).isdisjoint(said.get("daemon", []))


def _folders(said: list[str], scope: Scope) -> frozenset[PurePosixPath]:
    """Where the daemon of a scope listens, by libvirt's own rule."""
    if scope == "system":
        return _SYSTEM
    return frozenset(PurePosixPath(folder) / "libvirt" for folder in said[:1])
