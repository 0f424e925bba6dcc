"""Commands that only speak to a server load neither server, database nor hypervisor code."""

import subprocess
import sys

import pytest

HEAVY = ("vmuster.server", "vmuster.stores", "vmuster.drivers", "sqlalchemy", "fastapi", "libvirt")

RUN = """
import sys
try:
    from vmuster.cli.main import main
    sys.argv = ["vmuster", *sys.argv[1:]]
    main()
except SystemExit:
    pass
print("\\n".join(["LOADED", *sys.modules]))
"""


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["--version"], ["replay", "/dev/null"], ["replay", "--from", "/dev/null"]],
    ids=str,
)
def test_a_light_command_loads_nothing_heavy(arguments: list[str]) -> None:
    run = subprocess.run(
        [sys.executable, "-c", RUN, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    loaded = run.stdout.rpartition("LOADED\n")[2].splitlines()
    assert "vmuster.cli.main" in loaded
    assert [name for name in loaded if name.startswith(HEAVY)] == []
