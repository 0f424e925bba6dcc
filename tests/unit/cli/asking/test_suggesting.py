"""Who names what the server does not know is told what is near."""

import pytest

from tests.served import Served
from tests.unit.cli.conftest import Run
from vmuster.model.host import Host


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("vm", "show", "wbe-01"), "did you mean web-01? else see: vmuster vm list"),
        (("vm", "stop", "wbe-01"), "did you mean web-01? else see: vmuster vm list"),
        (("host", "show", "alhpa"), "did you mean alpha? else see: vmuster host list"),
        (("vm", "list", "--host", "alpa"), "did you mean alpha? else see: vmuster host list"),
        (("cluster", "show", "defualt"), "did you mean default? else see: vmuster cluster list"),
        (("vm", "show", "quite-another"), "vmuster vm list"),
    ],
)
def test_near_names_are_told(
    run: Run, world: Served, alpha: Host, words: tuple[str, ...], hint: str
) -> None:
    with world.client() as client:
        if not client.vms(name="web-01"):
            world.appear(alpha, "web-01")
    result = run(*words)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines()[1] == f"what to do: {hint}"
