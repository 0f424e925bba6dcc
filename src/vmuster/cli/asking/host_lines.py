"""Hosts to add, as they are written in a file or on the command line: one table for both.

A file has one host to a line: its name, how it is reached, where, and what else must be said.
It is checked as a whole before the first host is added.
"""

import shlex
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import msgspec

from vmuster.model.text import counted

KEY_OF_HOST: Final = "host-key"
_NAMES_SHOWN: Final = 5


class HostWish(msgspec.Struct, frozen=True, kw_only=True):
    """A host to add. `profile`: as the API takes it; `host_key` may still be missing in it."""

    name: str
    cluster: str
    profile: dict[str, Any]


class _Way(msgspec.Struct, frozen=True):
    """How a kind of host is written. `place`: reads what stands after the kind (None: nothing);
    `options`: the field of each."""

    place: Callable[[str], dict[str, Any]] | None
    options: Mapping[str, str]


def _ssh(place: str) -> dict[str, Any]:
    user, at, address = place.rpartition("@")
    return {"address": address, "user": user} if at else {"address": address}


_SCOPE: Final = {"scope": "scope"}
_FAR: Final = {**_SCOPE, "port": "port", "credential": "credential"}
_WAYS: Final = {
    "local": _Way(None, _SCOPE),
    "loopback": _Way(lambda place: {"port": _port(place)}, {}),
    "ssh": _Way(_ssh, {**_FAR, "user": "user", KEY_OF_HOST: "host_key"}),
    "tls": _Way(lambda place: {"address": place}, _FAR),
}
_SAID: Final = ("cluster", "port", "credential", KEY_OF_HOST)
"""Options that a command line says by arguments of the same name. (`scope` is a switch there.)"""
FORMAT: Final = """\b
A line of a file for --from:
  NAME local    [scope=session]
  NAME ssh      [USER@]ADDRESS [port=22] [scope=session] [credential=NAME]
                [host-key="TYPE BASE64" or host-key=SHA256:...]
  NAME tls      ADDRESS [port=16514] [scope=session] [credential=NAME]
  NAME loopback PORT
and for each of them [cluster=NAME]. What stands behind a # is a comment.
"""


def ways_said(said: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The kinds of host that a command line means by its arguments, each with its place."""
    return [(kind, "" if said[kind] is True else str(said[kind])) for kind in _WAYS if said[kind]]


def options_said(said: Mapping[str, Any]) -> dict[str, str]:
    """The options of a host that a command line says by its arguments, as they stand in a file."""
    found = {option: said.get(option.replace("-", "_")) for option in _SAID}
    return {option: str(value) for option, value in found.items() if value}


def host_wish(name: str, kind: str, place: str, options: Mapping[str, str]) -> HostWish:
    """The host to add. Raises `ValueError`, which says what is wrong."""
    way = _WAYS.get(kind)
    if way is None:
        raise ValueError(f"{kind!r} is no kind of host; there is {', '.join(_WAYS)}")
    if (way.place is not None) is not bool(place):
        raise ValueError(f"{kind} hosts have {'a' if way.place else 'no'} place")
    profile: dict[str, Any] = {"kind": kind, **(way.place(place) if way.place else {})}
    chosen = dict(options)
    cluster = chosen.pop("cluster", "default")
    for field, value in _fields(kind, chosen).items():
        if field in profile:
            raise ValueError(f"the {field} is said twice")
        profile[field] = value
    if not all([name, cluster, *(str(value) for value in profile.values())]):
        raise ValueError("something is empty")
    return HostWish(name=name, cluster=cluster, profile=profile)


def changed_profile(
    present: Mapping[str, Any], kind: str, place: str, options: Mapping[str, str]
) -> dict[str, Any]:
    """The profile `present`, as it is to be; an empty `kind` is the one that it has. What is not
    said stays, where the kind does. Raises `ValueError`."""
    if not kind:
        return {**present, **_fields(str(present["kind"]), options)}
    said = host_wish("any", kind, place, options).profile
    return {**present, **said} if kind == present["kind"] else said


def _fields(kind: str, options: Mapping[str, str]) -> dict[str, Any]:
    """The fields of a profile that `options` mean. Raises `ValueError`."""
    known: Mapping[str, str] = _WAYS[kind].options if kind in _WAYS else {}
    fields: dict[str, Any] = {}
    for option, value in options.items():
        field = known.get(option)
        if field is None:
            raise ValueError(f"{kind} hosts have no option {option!r}")
        fields[field] = _port(value) if field == "port" else value
    return fields


def read_lines(lines: Iterable[str]) -> list[HostWish]:
    """The hosts of a file. Raises `ValueError` with every line that is wrong, and why."""
    wishes: dict[str, HostWish] = {}
    wrong: list[str] = []
    for number, line in enumerate(lines, 1):
        try:
            wish = _read(line)
            if wish is not None and wish.name in wishes:
                raise ValueError(f"host {wish.name!r} stands in the file twice")
        except ValueError as error:
            wrong.append(f"line {number}: {error}")
        else:
            if wish is not None:
                wishes[wish.name] = wish
    if wrong:
        more = len(wrong) - _NAMES_SHOWN
        said = "; ".join(wrong[:_NAMES_SHOWN])
        raise ValueError(said + (f"; and {counted(more, 'line')} more" if more > 0 else ""))
    if not wishes:
        raise ValueError("there is no host in it")
    return list(wishes.values())


def _read(line: str) -> HostWish | None:
    words = shlex.split(line, comments=True)
    if not words:
        return None
    if len(words) == 1:
        raise ValueError("a name and a kind are needed")
    name, kind, *rest = words
    places = [word for word in rest[:1] if "=" not in word]
    options: dict[str, str] = {}
    for word in rest[len(places) :]:
        option, equals, value = word.partition("=")
        if not equals or not option:
            raise ValueError(f"{word!r} is no OPTION=VALUE")
        if option in options:
            raise ValueError(f"{option} is said twice")
        options[option] = value
    return host_wish(name, kind, "".join(places), options)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= 65535):
        raise ValueError(f"{text!r} is no port")
    return int(text)
