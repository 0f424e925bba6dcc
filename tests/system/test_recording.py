"""A fleet is recorded while things happen to it, and its past decided again: the same by the same
rules, and otherwise exactly where another policy says so. The commands are those of docs/replay.md.
"""

import errno
import gzip
import json
import shlex
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner, Result

from tests.documents import blocks, lines
from tests.served import KEYS, Served, served
from vmuster.cli.main import cli
from vmuster.model.ids import VmUuid
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.states import PowerState
from vmuster.reconcile.passed import Passed
from vmuster.replay.recordings import read_passes
from vmuster.wiring.outside.recordings import RecordingFolder

PAGE: Final = "docs/replay.md"
HOSTILE: Final = 'x"}\n{"line":"pass"}\u202e'
SECRETS: Final = (b"PRIVATE", b"vmuster_anna", b'"kind":"simulated"')
"""Words that no recording has: of keys, and of how a host is reached."""


class Past:
    """A fleet to which something happened, and commands about it in a folder."""

    def __init__(self, world: Served, folder: Path) -> None:
        self.world = world
        self.folder = folder
        self.alpha = world.add_host("alpha")

    def run(self, *words: str) -> Result:
        env = {"VMUSTER_URL": self.world.url, "VMUSTER_API_KEY": KEYS["anna"]}
        return CliRunner(env=env).invoke(cli, list(words), prog_name="vmuster")

    def must(self, *words: str) -> str:
        result = self.run(*words)
        assert result.exit_code == 0, result.output
        return result.stdout

    def fetched(self, name: str) -> Path:
        file = self.folder / name
        self.must("record", "fetch", str(file))
        return file

    def replayed(self, file: Path, *words: str) -> Any:
        return json.loads(self.must("replay", "--from", str(file), *words, "-o", "json"))

    def carried(self, file: Path, *words: str) -> Any:
        return json.loads(self.must("sim", "--from", str(file), *words, "-o", "json"))

    def policy(self, **settings: object) -> None:
        self.world.run(self.world.fleet.policy(**settings))

    def epoch(self) -> int:
        return self.world.run(self.world.fleet.now(self.alpha)).epoch

    def reconnected(self, before: int) -> None:
        """Wait for a report of a later conversation than that of epoch `before`."""
        fleet = self.world.fleet

        async def heard() -> bool:
            now = await fleet.now(self.alpha)
            return now.epoch > before and now.sequence > 1

        self.world.run(fleet.until(heard))

    def stopped(self, vm: VmUuid) -> None:
        """A hand stops a VM, and it was seen."""
        self.world.do(lambda: self.world.hypervisor("alpha").destroy(vm))
        self.gone_quiet(vm)

    def gone_quiet(self, vm: VmUuid) -> None:
        fleet = self.world.fleet
        self.world.run(fleet.sighted(self.alpha, vm, power=PowerState.STOPPED))
        self.world.passes(self.alpha)


@pytest.fixture
def past(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Past]:
    monkeypatch.chdir(tmp_path)
    with served("alpha", database=tmp_path / "vmuster.db") as world:
        yield Past(world, tmp_path)


def epochs(file: Path) -> set[int]:
    """The conversations with a host of which there are passes in a recording."""
    return {each.given.report.epoch for each in read_passes(file)}


def vms(found: Any) -> set[str]:
    return {one["name"] for one in found["differences"]}


def recorded(past: Past) -> VmUuid:
    """Record how a VM of ours is stopped by hand beside another one, and among strangers."""
    world = past.world
    past.must("record", "start")
    web = world.ours(past.alpha, "web-01")
    world.ours(past.alpha, "web-02")
    for name in ("i-2-78-VM", "Windows 7 (32-bit) (1)", HOSTILE):
        world.appear(past.alpha, name)
    past.stopped(web)
    return web


def test_what_was_decided_is_decided_again_and_what_if_is_told_exactly(past: Past) -> None:
    recorded(past)
    first = past.fetched("first.gz")

    same = past.replayed(first)
    assert same["passes"] > 5
    assert same["decisions"] > same["passes"]
    assert same["differ"] == 0

    enforced = past.replayed(first, "--policy", "drift=enforce")
    assert vms(enforced) == {"web-01"}
    desired = {(one["was"]["desired"], one["now"]["desired"]) for one in enforced["differences"]}
    assert desired == {("stopped", "running")}

    by_name = past.replayed(first, "--policy", "unknown_vms=stop-by-name")
    assert vms(by_name) == {"i-2-78-VM"}
    assert (by_name["more"], by_name["fewer"]) == ({"stop": 1}, {})
    assert past.replayed(first, "--policy", "unknown_vms=stop-by-mark")["differ"] == 0


def test_what_was_stopped_would_not_have_been(past: Past) -> None:
    world = past.world
    past.must("record", "start")
    stray = world.appear(past.alpha, "i-2-78-VM")
    past.policy(unknown_vms="stop-by-name")
    past.gone_quiet(stray)
    file = past.fetched("it.gz")
    assert past.replayed(file)["differ"] == 0
    assert past.carried(file)["differ"] == 0
    for asked in (past.replayed, past.carried):
        left = asked(file, "--policy", "unknown_vms=leave")
        assert (left["more"], left["fewer"]) == ({}, {"stop": 1})
        assert vms(left) == {"i-2-78-VM"}
    held = past.carried(file, "--policy", "stops_per_pass_max=0")
    assert (held["more"], held["fewer"]) == ({"stop held": 1}, {"stop": 1})
    held = past.replayed(file, "--policy", "stops_per_pass_max=0")
    assert (held["more"], held["fewer"]) == ({"stop held": 1}, {"stop": 1})
    assert past.replayed(file, "--policy", "quiet_seconds=3600")["fewer"] == {"stop": 1}
    assert past.replayed(file, "--mode", "observe")["fewer"] == {"stop": 1}


def test_a_recording_goes_on_after_a_restart_and_ends_by_itself_no_more(past: Past) -> None:
    past.must("record", "start")
    past.world.ours(past.alpha, "web-01")
    assert epochs(past.fetched("before.gz")) == {past.epoch()}
    before = past.epoch()
    past.world.restart()
    past.reconnected(before)
    past.world.passes(past.alpha, 3)
    assert past.must("record", "show").startswith("recording  on until")
    after = past.fetched("after.gz")
    assert epochs(after) == {before, past.epoch()}
    assert past.replayed(after)["differ"] == 0
    assert past.carried(after)["differ"] == 0
    past.must("record", "stop")
    ended = past.fetched("ended.gz")
    past.world.passes(past.alpha, 3)
    assert len(list(read_passes(ended))) == len(list(read_passes(past.fetched("later.gz"))))
    audited = [
        entry.what
        for entry in past.world.run(past.world.fleet.store.find(JournalEntry, limit=10_000))
        if entry.kind is EntryKind.AUDIT and "recording" in entry.what
    ]
    assert audited == ["a recording was started: 24 h, 64 MiB", "the recording was stopped"]


def test_it_holds_nothing_that_opens_anything(past: Past) -> None:
    past.must("record", "start")
    past.policy(unknown_vms="stop-by-name")
    past.world.ours(past.alpha, "web-01")
    data = gzip.decompress(past.fetched("it.gz").read_bytes())
    assert b"granted_by" in data
    assert not [word for word in SECRETS if word in data]
    signatures = {
        each.given.cluster.grant.signature
        for each in read_passes(past.folder / "it.gz")
        if each.given.cluster.grant is not None
    }
    assert signatures == {b""}


def test_a_full_disk_harms_no_intake_and_a_person_is_told(
    past: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    past.must("record", "start")

    def full(_place: RecordingFolder, _passes: Sequence[Passed]) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(RecordingFolder, "write", full)
    past.world.passes(past.alpha, 3)

    async def alerted() -> Any:
        found = await past.world.fleet.store.find(JournalEntry, kind=EntryKind.ALERT)
        return [entry.what for entry in found if "the recording has ended" in entry.what]

    (what,) = past.world.run(past.world.fleet.until(alerted))
    assert "No space left" in what
    past.world.passes(past.alpha, 3)
    assert len(past.world.run(alerted())) == 1
    assert "ended: it can't be written" in past.must("record", "show")


def test_the_commands_of_the_page_work_one_after_the_other(past: Past) -> None:
    past.world.ours(past.alpha, "web-01")
    typed = [line for block in blocks(PAGE) for line in lines(block)]
    assert len(typed) > 8
    for line in typed:
        command, _, into = line.partition(" > ")
        words = shlex.split(command)
        assert words.pop(0) == "vmuster"
        said = past.must(*words)
        if into:
            (past.folder / into.strip()).write_text(said, encoding="utf-8")


def test_a_past_is_carried_through(past: Past) -> None:
    web = recorded(past)
    past.must("vm", "stop", "web-02", "--yes", "--wait")
    past.must("vm", "start", "web-01", "--yes", "--wait")
    past.stopped(web)
    file = past.fetched("it.gz")

    same = past.carried(file, "--fail-on-difference")
    assert same["passes"] > 5
    assert (same["differ"], same["records"]) == (0, [])

    enforced = past.carried(file, "--policy", "drift=enforce")
    assert vms(enforced) == {"web-01"}
    assert (enforced["more"], enforced["fewer"]) == ({"start": 1}, {})
    (start,) = [each for each in enforced["differences"] if each["now"]["act"]]
    assert (start["now"]["act"], start["now"]["operation"]) == ("start_vm", "running")
    flying = [each for each in enforced["differences"] if each["now"]["finding"] == "in_flight"]
    assert flying, "the next pass does not know what the one before has sent"
    (end,) = enforced["records"]
    assert (end["name"], end["was"]["desired"], end["now"]["desired"]) == (
        "web-01",
        "stopped",
        "running",
    )
    assert past.replayed(file, "--policy", "drift=enforce")["differ"] < enforced["differ"]


def test_a_damaged_recording_is_carried_nowhere(past: Past) -> None:
    past.must("record", "start")
    past.world.ours(past.alpha, "web-01")
    data = past.fetched("it.gz").read_bytes()
    (past.folder / "bad.gz").write_bytes(data + b"what is this?" * 9)
    result = past.run("sim", "--from", str(past.folder / "bad.gz"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "it is damaged" in result.stderr
    assert "what to do:" in result.stderr
