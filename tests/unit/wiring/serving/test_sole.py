"""One server for a state folder."""

import subprocess
import sys
from pathlib import Path

import pytest

from vmuster.model.errors import Refused
from vmuster.wiring.serving.sole import sole_server

HOLD = """
import sys
from pathlib import Path
from vmuster.wiring.serving.sole import sole_server

with sole_server(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_server_is_refused_with_the_way_out(tmp_path: Path) -> None:
    state = tmp_path / "state"
    command = [sys.executable, "-c", HOLD, str(state)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == b"held\n"
        with pytest.raises(Refused, match="another server") as refused, sole_server(state):
            pass
        assert "--state-dir" in refused.value.hint
        first.kill()
    with sole_server(state):
        pass


def test_it_is_free_again_afterwards(tmp_path: Path) -> None:
    for _ in range(2):
        with sole_server(tmp_path):
            pass
