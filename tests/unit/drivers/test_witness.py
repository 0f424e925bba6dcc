"""The witness on `/proc`."""

import subprocess
import sys
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from vmuster.drivers.witness import ProcWitness
from vmuster.model.ids import VmUuid

VM = VmUuid(UUID("00000000-0000-4000-8000-0000000000aa"))


def process(proc: Path, pid: int, *arguments: str) -> None:
    (proc / str(pid)).mkdir(parents=True)
    content = b"".join(argument.encode() + b"\0" for argument in arguments)
    _ = (proc / str(pid) / "cmdline").write_bytes(content)


def test_a_qemu_with_the_uuid_holds_it(tmp_path: Path) -> None:
    process(tmp_path, 1, "init")
    process(tmp_path, 7, "qemu-system-x86_64", "-name", "guest=x", "-uuid", str(VM).upper())
    assert ProcWitness(tmp_path).holds(VM) is True
    assert ProcWitness(tmp_path).held() == {VM}


@pytest.mark.parametrize(
    "arguments",
    [
        ("qemu", f"-uuid={VM}"),
        ("qemu", f"-uuid {VM}"),
        ("qemu", "-uuid", f"{VM}0"),
        ("qemu", "-uuid", "", str(VM)),
        ("grep", str(VM)),
        ("qemu", "-uuid"),
        (),
    ],
)
def test_anything_but_the_exact_pair_does_not(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    process(tmp_path, 7, *arguments)
    assert ProcWitness(tmp_path).holds(VM) is False


def test_no_process_table_is_no_way_to_tell(tmp_path: Path) -> None:
    assert ProcWitness(tmp_path / "missing").holds(VM) is None
    assert ProcWitness(tmp_path).held() is None


def test_a_process_that_cannot_be_read_could_be_anything(tmp_path: Path) -> None:
    process(tmp_path, 7, "qemu", "-uuid", str(VM))
    (tmp_path / "8" / "cmdline").mkdir(parents=True)
    assert ProcWitness(tmp_path).holds(VM) is None


def test_a_process_that_ends_meanwhile_is_not_there(tmp_path: Path) -> None:
    process(tmp_path, 7, "qemu", "-uuid", str(VM))
    (tmp_path / "8").mkdir()
    assert ProcWitness(tmp_path).held() == {VM}


def test_the_real_process_table_is_read() -> None:
    vm = VmUuid(uuid4())
    command = [sys.executable, "-c", "input()", "-uuid", str(vm)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as running:
        assert ProcWitness().holds(vm) is True
        _ = running.communicate(b"\n", timeout=10)
    assert ProcWitness().holds(vm) is False
