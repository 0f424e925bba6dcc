"""A recording fetched from a server, part by part, into one file that can be read anywhere."""

import gzip
import os
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from vmuster.model.errors import Corrupt
from vmuster.replay.recordings import whole_lines

if TYPE_CHECKING:
    from vmuster.client.rest import Client

_GONE = 404


def fetched(client: "Client", file: Path) -> dict[str, Any]:
    """Write all that a server has recorded into a new `file`, which only its owner may read.

    Says how much it is; `trouble`: what of it could not be had. A line that was torn is left out.
    Raises `OSError`; then there is no file.
    """
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as opened:
            passes, trouble = _written(client, opened)
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    size = file.stat().st_size
    return {"file": str(file), "passes": passes, "size": size, "trouble": trouble}


def _written(client: "Client", file: BinaryIO) -> tuple[int, list[str]]:
    from vmuster.client.errors import ClientError

    passes, trouble = 0, list[str]()
    with gzip.GzipFile(fileobj=file, mode="wb", mtime=0) as pressed:
        for segment in client.recording()["segments"]:
            number = segment["number"]
            try:
                data = client.recording_segment(number)
                for place, line in enumerate(whole_lines(BytesIO(data))):
                    pressed.write(line + b"\n")
                    passes += place > 0  # the first line says what it is
            except Corrupt as error:
                trouble.append(f"segment {number}: {error.message}; what is left of it is kept")
            except ClientError as error:
                if error.status != _GONE:
                    raise
                trouble.append(f"segment {number} was dropped meanwhile: there was no room")
    return passes, trouble
