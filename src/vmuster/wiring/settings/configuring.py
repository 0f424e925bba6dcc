"""The settings of a server, read from where a person says them: flags, variables, files, in this
order. Each value keeps the place that it comes from, and what is wrong is said with its place.

Nothing is guessed: a key that no setting has, a value of another type or out of its range ends the
start. In the environment only what nearly is a setting's variable is a mistake; others may have
theirs there.
"""

import ipaddress
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import urlsplit

import msgspec

from vmuster.api.gates.limits import Limits
from vmuster.model.errors import Refused
from vmuster.model.names import is_instance
from vmuster.model.text import bounded, visible
from vmuster.wiring.outside.targets import networks
from vmuster.wiring.settings.places import default_config
from vmuster.wiring.settings.table import ONCE, Settings

DEFAULT: Final = "default"
_CLIENTS: Final = frozenset({"VMUSTER_URL", "VMUSTER_API_KEY", "VMUSTER_CONTEXT", "VMUSTER_TESTS"})
"""Variables of others: the command line's and the tests'."""
_Table = dict[str, Any]
_NEARLY: Final = 0.85
_LIMITS: Final = "limits"
_SAID_CHARACTERS_MAX: Final = 80
_SEE: Final = "docs/configuration.md lists every setting"


class Configured(msgspec.Struct, frozen=True, kw_only=True):
    """The settings, and for each (`port`, `limits.stops_per_minute`) where its value comes from."""

    settings: Settings
    origins: dict[str, str]

    def value(self, setting: str) -> object:
        """The value of a setting."""
        section, _, name = setting.rpartition(".")
        return getattr(self.settings.limits if section else self.settings, name)


class _Said(msgspec.Struct, frozen=True):
    """What a source says of a setting. `folder`: what its paths are relative to; `typed`: whether
    the source itself knows numbers from words."""

    setting: str
    value: object
    place: str
    folder: Path
    typed: bool = False


def _types() -> dict[str, Any]:
    outer = {field.name: field.type for field in msgspec.structs.fields(Settings)}
    inner = {f"{_LIMITS}.{field.name}": field.type for field in msgspec.structs.fields(Limits)}
    del outer[_LIMITS]
    return outer | inner


TYPES: Final[dict[str, Any]] = _types()
"""Every setting, and its type."""


def variable(setting: str) -> str:
    """The environment variable of a setting."""
    return f"VMUSTER_{setting.replace('.', '_').upper()}"


def flag(setting: str) -> str:
    """The flag of a setting."""
    return f"--{setting.replace('_', '-')}"


def configure(
    *, flags: Mapping[str, object], environ: Mapping[str, str], config: Path | None
) -> Configured:
    """The settings by what was said. `flags`: values by setting; `config`: a file, or a folder with
    `vmuster.toml` and `conf.d/*.toml`; None: the usual place, where there may be none.

    Raises `Refused`.
    """
    found: _Table = {}
    origins = dict.fromkeys(TYPES, DEFAULT)
    for said in (*_of_files(config), *_of_environment(environ), *_of_flags(flags)):
        found[said.setting] = _converted(said)
        origins[said.setting] = said.place
    inner: _Table = {name.partition(".")[2]: found[name] for name in found if "." in name}
    outer: _Table = {name: found[name] for name in found if "." not in name}
    settings = Settings(**outer, limits=Limits(**inner))
    _check(settings, origins)
    return Configured(settings=settings, origins=origins)


def _of_files(config: Path | None) -> Iterator[_Said]:
    place = config or default_config()
    if place.is_dir():
        main = place / "vmuster.toml"
        files = [*([main] if main.exists() else []), *sorted((place / "conf.d").glob("*.toml"))]
    else:
        files = [place] if config or place.exists() else []
    for file in files:
        yield from _of_file(file)


def _of_file(file: Path) -> Iterator[_Said]:
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise Refused(f"{file} can't be read: {error.strerror}", hint=_SEE) from error
    except ValueError as error:
        raise Refused(f"{file} is no TOML: {error}", hint=_SEE) from error
    section = document.pop(_LIMITS, {})
    if not isinstance(section, dict):
        raise Refused(f"{file}: {_LIMITS} is a section: [{_LIMITS}]", hint=_SEE)
    inner = {f"{_LIMITS}.{key}": value for key, value in cast("_Table", section).items()}
    for setting, value in (document | inner).items():
        _check_known(setting, f"{file}: {setting}", frozenset(TYPES) - ONCE)
        yield _Said(setting, value, str(file), file.absolute().parent, typed=True)


def _of_environment(environ: Mapping[str, str]) -> Iterator[_Said]:
    settings = {variable(setting): setting for setting in TYPES if setting not in ONCE}
    for name, value in environ.items():
        if name in settings and value:
            yield _Said(settings[name], value, name, Path.cwd())
        elif name.startswith("VMUSTER_") and name not in (settings.keys() | _CLIENTS):
            near = get_close_matches(name, settings, n=1, cutoff=_NEARLY)
            if near:
                raise Refused(f"no setting has the variable {name}", hint=f"is it {near[0]}?")


def _of_flags(flags: Mapping[str, object]) -> Iterator[_Said]:
    for setting, value in flags.items():
        yield _Said(setting, value, flag(setting), Path.cwd())


def _check_known(setting: str, place: str, known: frozenset[str]) -> None:
    if setting in known:
        return
    if setting in ONCE:
        raise Refused(f"{place} is said with the flag {flag(setting)} alone")
    near = get_close_matches(setting, known, n=1)
    hint = f"did you mean {near[0]}?" if near else _SEE
    raise Refused(f"{visible(bounded(place))}: there is no such setting", hint=hint)


def _converted(said: _Said) -> object:
    """The value as its setting's type. A word of the environment or a flag may be any of them."""
    kind, value = TYPES[said.setting], said.value
    of_words = isinstance(msgspec.inspect.type_info(kind), msgspec.inspect.VarTupleType)
    if of_words and isinstance(value, str) and not said.typed:
        value = value.replace(",", " ").split()

    def path(_kind: type, text: object) -> Path:
        if not isinstance(text, str | Path) or not str(text):
            raise ValueError("it is no path")
        return said.folder / Path(text).expanduser()

    try:
        return msgspec.convert(value, kind, strict=said.typed, dec_hook=path)
    except (msgspec.ValidationError, ValueError) as error:
        shown = visible(bounded(repr(said.value), _SAID_CHARACTERS_MAX))
        raise Refused(
            f"{said.place}: {said.setting} can't be {shown}",
            hint=f"it may be {allowed(said.setting)}",
        ) from error


def allowed(setting: str) -> str:
    """What a setting may be, in words."""
    kind = TYPES[setting]
    match msgspec.inspect.type_info(kind):
        case msgspec.inspect.EnumType(cls=choices):
            return ", ".join(member.value for member in choices)
        case msgspec.inspect.BoolType():
            return "true, false"
        case msgspec.inspect.IntType(ge=least, le=most):
            return f"a whole number from {least} to {most}"
        case msgspec.inspect.FloatType(ge=least, le=most):
            return f"a number from {least:g} to {most:g}"
        case msgspec.inspect.VarTupleType():
            return "a list of words"
        case msgspec.inspect.StrType(max_length=int(most)):
            return f"a text of at most {most} characters"
        case _:
            return "a path"


def _check(settings: Settings, origins: Mapping[str, str]) -> None:
    """What no type says. Raises `Refused`, with the place."""

    def refuse(setting: str, what: str, hint: str) -> None:
        place = origins[setting]
        raise Refused(f"{place}: {setting} {what}" if place != DEFAULT else what, hint=hint)

    try:
        ipaddress.ip_address(settings.host)
    except ValueError:
        refuse("host", "is no address", "say an address of this machine, such as 127.0.0.1")
    if not is_instance(settings.instance):
        refuse("instance", "ends no name of ours", "it is printable ASCII without a dash")
    if (settings.tls_cert is None) != (settings.tls_key is None):
        said = "tls_cert" if settings.tls_cert else "tls_key"
        refuse(said, "comes without its other half", "tls_cert and tls_key belong together")
    if settings.otel_endpoint and not _is_plain_url(settings.otel_endpoint):
        refuse(
            "otel_endpoint",
            "is no plain url",
            "say http://HOST:PORT, without a password: OTEL_EXPORTER_OTLP_HEADERS is for that",
        )
    try:
        networks(settings.webhook_allow)
    except Refused as error:
        refuse("webhook_allow", f"is wrong: {error.message}", error.hint)


def _is_plain_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return (
            parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
        )
    except ValueError:
        return False
