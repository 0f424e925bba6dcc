"""`client.toml` in the state folder: where this server is, for its operator on this machine."""

import json
import tomllib
from pathlib import Path
from typing import Any

import structlog

from vmuster.wiring.secret_files import write_secret

_log = structlog.get_logger("vmuster.serve")


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
        lines = [f"{name} = {json.dumps(value)}\n" for name, value in after.items()]
        write_secret(path, "".join(lines).encode(), 0o600)
