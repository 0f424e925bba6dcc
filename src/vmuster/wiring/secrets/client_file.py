"""`client.toml` in the state folder: where this server is, for its operator on this machine."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import structlog

from vmuster.model.keys import key_digest
from vmuster.wiring.secrets.secret_files import write_secret

_log = structlog.get_logger("vmuster.serve")


def written_digest(path: Path) -> str | None:
    """The digest of the key in the file at `path`; empty where it holds none that can be read;
    None where there is no file."""
    try:
        key = tomllib.loads(path.read_text(encoding="utf-8")).get("key")
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return ""
    return key_digest(key) if isinstance(key, str) else ""


def follow(path: Path, *, url: str, ca: str, fingerprint: str) -> None:
    """Have the file at `path` say where the server is, and by what it is known over TLS; the key
    stays. One that nobody can read is left as it is."""
    try:
        before: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return  # a person has revoked its key, and removed it
    except (OSError, ValueError) as error:
        _log.warning("the client's file can't be read", file=path.name, why=str(error))
        return
    said = {"url": url, "ca": ca, "fingerprint": fingerprint}
    after = {name: value for name, value in (before | said).items() if value}
    if after != before:
        write_client(path, after)


def write_client(path: Path, said: Mapping[str, str]) -> None:
    """Write such a file, for its owner alone. `said`: `url`, `key`, `ca`, `fingerprint`."""
    write_secret(path, msgspec.toml.encode(said), 0o600)
