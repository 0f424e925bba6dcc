"""The process table of a host far away: the fixed command that reads it, and what it means.

The command is one constant text. It answers each line that it is given with an account that ends
in the word of that line: a random one, so that no command line of a process over there can end
an account early. Everything in between is untrusted text, read by `read_table`, which is pure.

That a process is not seen means something only where nothing can be hidden: the account must show
that `/proc` is of the namespace that the command runs in, that the hypervisor's own daemon is in
it, that every process could be read, and that the tool that searches them came to its end: it
finds itself first and last. And it must be the host's own: in its process table is the far end of
the line by which the driver knows the host, told by a name that nobody else has. An address may
lead two connections to two machines.

A process that is stuck in the kernel can hold up whoever reads of it, and nothing ends a reader
then. So a look over there begins only where no other one is under way, stuck or not.
"""

from pathlib import PurePosixPath
from typing import Final, Literal

import msgspec

from vmuster.drivers.witness import UUID_OPTION, vms_in
from vmuster.model.ids import VmUuid

LOOK: Final = "look"
"""The wish for an account of the process table; any other word wishes for a sign of life."""

COMMAND: Final = r"""
LC_ALL=C; export LC_ALL
look() {
    read -r seen rest </proc/self/stat
    printf "self %s %s\n" "$seen" "$$"
    printf vmuster-look >/proc/$$/comm
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
    alone=yes
    for place in /proc/[0-9]*; do
        if read -r name 2>/dev/null <$place/comm; then
            case $name in
            vmuster-look)
                [ "$place" = /proc/$$ ] || alone=no ;;
            libvirtd|virtqemud|systemd)
                printf "daemon %s %s\n" "${place#/proc/}" "$name"
                ls -l $place/fd 2>/dev/null | grep -o "socket:\[[0-9]*\]" ;;
            esac
        elif [ -d $place ]; then
            printf "hidden %s\n" "${place#/proc/}"
        fi
    done
    printf "arguments\n"
    [ $alone = yes ] && search "$1"
    printf vmuster-idle >/proc/$$/comm
}
search() {
    {
        wrong=$({
            grep -a -h -z -x -A1 --no-group-separator --regexp="$1" -e -uuid \
                /proc/self/cmdline /proc/[0-9]*/cmdline /proc/self/cmdline >&3
            printf "ended %s\n" $? >&2
        } 2>&1 | grep -v -e ": No such file or directory$" -e ": No such process$")
    } 3>&1
    printf "%s" "$wrong"
}
while read -r word what line; do
    [ "$what" = look ] && look "$line"
    printf "\n%s\n" "$word"
done
"""
"""For any POSIX shell, and GNU grep. What is not there is not proved, and the account says less."""

Scope = Literal["system", "session"]

_SYSTEM: Final = frozenset({PurePosixPath("/run/libvirt"), PurePosixPath("/var/run/libvirt")})
"""One folder under two names, of which a daemon may have used either."""
_DAEMONS: Final = ("libvirtd", "virtqemud")
"""Who is known by a file with its process id; systemd, which may hold a socket, has none."""
_LISTENING: Final = "00010000"
_ARGUMENTS: Final = b"\narguments\n"
_SEARCHER: Final = [UUID_OPTION, b"/proc/self/cmdline"]
"""On the command line of the search itself, which it must find first and last."""
_ENDED: Final = (b"ended 0", b"ended 2")
"""What follows, and nothing else: 2 where a process went while it was read, which is no error."""


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """`held`: the VMs that a process was seen to hold; `whole`: whether none can be hidden."""

    held: frozenset[VmUuid]
    whole: bool


def read_table(account: bytes, scope: Scope, line: str) -> Table:
    """What an account says. Anything in it that is not understood makes it say less, never more.

    `line`: the name of the driver's line, which must be among the arguments.
    """
    head, found, tail = (b"\n" + account).partition(_ARGUMENTS)
    arguments = tail.split(b"\0") if found else []
    whole = (
        bool(found)
        and len(arguments) > 2 * len(_SEARCHER)
        and arguments[:2] == arguments[-3:-1] == _SEARCHER
        and arguments[-1] in _ENDED
        and line.encode() in arguments
        and _sees_daemon(head.decode("utf-8", "replace").splitlines(), scope)
    )
    return Table(held=frozenset(vms_in(arguments)), whole=whole)


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
            daemon = rest.partition(" ")[0]
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
    named = {f"{pid} {name}" for pid in said.get("pidfile", []) for name in _DAEMONS}
    return scope == "system" and not named.isdisjoint(said.get("daemon", []))


def _folders(said: list[str], scope: Scope) -> frozenset[PurePosixPath]:
    """Where the daemon of a scope listens, by libvirt's own rule."""
    if scope == "system":
        return _SYSTEM
    return frozenset(PurePosixPath(folder) / "libvirt" for folder in said[:1])
