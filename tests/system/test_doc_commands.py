"""Every command that a document shows is run by some test, and every example of the help here.

The examples of `docs/cli.md` are those of `--help`. They name things that a reader may have, and
the estate has most of them: each is a command line that is understood, and most are done.
"""

import gzip
import re
import shlex
from collections.abc import Generator
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner, Result

from tests.documents import blocks, lines, pages
from tests.estates import HYPERVISORS, Estate
from tests.keypairs import Authority, Login
from tests.recorded import lines_of, pass_over
from tests.served import KEYS, served
from tests.system.command_stage import STORY
from tests.worlds import lookalike
from vmuster.cli.asking import watching
from vmuster.cli.main import cli
from vmuster.client.events import Events
from vmuster.server.secrets.host_keys import HostKey

RUN_BY: Final = {
    "README.md": "tests/system/real/test_doc_commands.py",
    "docs/operating.md": "tests/system/real/test_doc_commands.py",
    "docs/api.md": "tests/system/test_api_page.py",
    "docs/cli.md": "tests/system/test_doc_commands.py",
    "docs/replay.md": "tests/system/test_recording.py",
}
"""Page → the test that runs its commands, one block after the other."""
EXAMPLES: Final = list(
    dict.fromkeys(line for block in blocks("docs/cli.md") for line in lines(block))
)
"""Those of `LONG` too."""
SERVES: Final = re.compile(r"^vmuster serve(?!.*--show-settings)")
"""Runs until it is ended; here it only checks what it is told."""
REFUSED_MAX: Final = len(EXAMPLES) // 2
"""So many may name what is not there any more, or not here."""
OTHERWISE: Final = {"vmuster host set beta --credential fleet-ssh-2": "reached by no credential"}
"""What the estate has in another form, and why."""
LONG: Final = {
    "vmuster sim": "20 schedules; tests/system/command_lines.py plays one",
    "vmuster sim --seeds 200 -o json": "200 schedules",
    "vmuster sim --exhaustive --faults 4": "every state of a small world: minutes",
    "vmuster sim --start 4711 --seeds 1": "one schedule; tests/system/command_lines.py plays one",
    "vmuster sim --planted all --seeds 100": "up to 100 schedules for each bug that is known",
}
"""Examples that take minutes: what they would play. They are not run."""
MORE: Final = ("mine", "north-1", "beta-1")


def test_every_page_with_commands_has_a_test_that_runs_them() -> None:
    assert set(pages()) == RUN_BY.keys()
    for page, test in RUN_BY.items():
        assert Path(test).name.startswith("test_")
        assert page.rpartition("/")[2] in Path(test).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Generator[dict[str, Result]]:
    """How each example went, in their order, at one estate."""
    folder = tmp_path_factory.mktemp("examples")
    _lay_out(folder)
    with pytest.MonkeyPatch.context() as patch, served(*HYPERVISORS, *MORE) as world:
        Estate(world)
        key = HostKey(type="ssh-ed25519", key=Login().public, fingerprint="SHA256:x")
        for address in ("beta.example.org", "10.0.0.7"):
            world.fleet.host_keys.shown[address, 22] = (key,)
        _end_what_is_endless(patch)
        patch.chdir(folder)
        patch.setenv("HOME", str(folder))
        patch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
        patch.setenv("VMUSTER_STATE_DIR", str(folder / "state"))
        patch.setenv("VMUSTER_URL", world.url)
        patch.setenv("VMUSTER_API_KEY", KEYS["anna"])
        yield {line: _run(line, folder) for line in EXAMPLES if line not in LONG}


def _lay_out(folder: Path) -> None:
    authority = Authority("somebody")
    certificate, key = authority.client()
    texts = {
        "ca.pem": authority.certificate,
        "client.pem": certificate,
        "client.key": key,
        "key": b"vmuster_x",
        "hosts.txt": b"mine local\n",
        "anchor.txt": b"1:" + b"0" * 64,
        "cases.jsonl": b'{"case": "1", "report": {"host": "a", "complete": true, "vms": []}}\n',
        ".ssh/id_ed25519": Login().private,
        "story.txt": STORY,
        "monday.jsonl.gz": gzip.compress(lines_of([pass_over(lookalike())])),
    }
    for name, text in texts.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(text)
        (folder / name).chmod(0o600)


def _nothing(*_: object) -> None:
    """What listens for events, where nobody waits for one."""


def _end_what_is_endless(patch: pytest.MonkeyPatch) -> None:
    def wait(_bell: watching.Bell, _seconds: float) -> None:
        raise KeyboardInterrupt

    def events(_client: Events, **_said: Any) -> Generator[Any]:
        yield from ()
        raise KeyboardInterrupt

    patch.setattr(watching.Bell, "wait", wait)
    patch.setattr(watching, "listen", _nothing)
    patch.setattr(Events, "events", events)


def _run(line: str, folder: Path) -> Result:
    """Run an example: what is piped to it is given, what it prints into a file is kept here."""
    piped = re.fullmatch(r"echo '(.*)' \| (.*)", line)
    given, command = (piped[1], piped[2]) if piped else ("", line)
    command = re.sub(r'^eval "\$\((.*)\)"$', r"\1", command)
    command = re.sub(r" > \S+$", "", command)
    command = command.replace("$(cat anchor.txt)", (folder / "anchor.txt").read_text())
    words = shlex.split(command)
    assert words.pop(0) == "vmuster"
    words = [word.replace("~", str(folder)) for word in words]
    more = ["--check"] if SERVES.match(command) else []
    result = CliRunner().invoke(cli, [*words, *more], prog_name="vmuster", input=given or None)
    if result.exit_code == 1 and "--yes" in result.stderr:
        return CliRunner().invoke(cli, [*words, "--yes"], prog_name="vmuster")
    return result


def test_what_takes_long_is_an_example_still() -> None:
    assert LONG.keys() <= set(EXAMPLES)


@pytest.mark.parametrize("line", [line for line in EXAMPLES if line not in LONG])
def test_an_example_is_understood(done: dict[str, Result], line: str) -> None:
    result = done[line]
    assert result.exit_code in (0, 1, 130) or line in OTHERWISE, result.stderr
    assert result.exception is None or isinstance(result.exception, SystemExit)
    if result.exit_code == 1:
        assert result.stderr.splitlines()[-1].startswith("what to do: ")


def test_most_examples_are_done(done: dict[str, Result]) -> None:
    refused = [line for line, result in done.items() if result.exit_code == 1]
    assert len(refused) <= REFUSED_MAX, refused
