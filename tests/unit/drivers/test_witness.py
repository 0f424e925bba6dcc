"""The witness on `/proc`."""

import os
import subprocess
import sys
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from vmuster.drivers.witness import FindDaemon, ProcWitness
from vmuster.model.ids import VmUuid

VM = VmUuid(UUID("00000000-0000-4000-8000-0000000000aa"))
OTHER = VmUuid(UUID("00000000-0000-4000-8000-0000000000bb"))
DAEMON = 5


def process(proc: Path, pid: int, *arguments: str, name: str = "qemu", began: int = 100) -> None:
    (proc / str(pid)).mkdir(parents=True, exist_ok=True)
    content = b"".join(argument.encode() + b"\0" for argument in arguments)
    _ = (proc / str(pid) / "cmdline").write_bytes(content)
    between = " ".join("0" for _ in range(18))
    _ = (proc / str(pid) / "stat").write_text(f"{pid} ({name}) S {between} {began} 0 0")


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    """Our own process table, with the daemon in it."""
    (tmp_path / "self").symlink_to(str(os.getpid()))
    process(tmp_path, DAEMON, "/usr/sbin/libvirtd", name="libvirtd")
    return tmp_path


def witness(proc: Path, find_daemon: FindDaemon = lambda: DAEMON) -> ProcWitness:
    return ProcWitness(find_daemon, proc)


def test_a_qemu_with_the_uuid_holds_it(proc: Path) -> None:
    process(proc, 1, "init")
    process(proc, 7, "qemu-system-x86_64", "-name", "guest=x", "-uuid", str(VM).upper())
    assert witness(proc).holds(VM) is True
    assert witness(proc).held() == {VM}


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
def test_anything_but_the_exact_pair_does_not(proc: Path, arguments: tuple[str, ...]) -> None:
    process(proc, 7, *arguments)
    assert witness(proc).holds(VM) is False


def test_no_process_table_is_no_way_to_tell(tmp_path: Path) -> None:
    assert witness(tmp_path / "missing").holds(VM) is None
    assert witness(tmp_path).held() is None


def test_a_process_that_cannot_be_read_could_be_anything(proc: Path) -> None:
    process(proc, 7, "qemu", "-uuid", str(VM))
    (proc / "8" / "cmdline").mkdir(parents=True)
    assert witness(proc).held() is None
    assert (witness(proc).holds(VM), witness(proc).holds(OTHER)) == (True, None)


def test_a_process_that_ends_meanwhile_is_not_there(proc: Path) -> None:
    process(proc, 7, "qemu", "-uuid", str(VM))
    (proc / "8").mkdir()
    assert witness(proc).held() == {VM}


@pytest.mark.parametrize(
    "find_daemon",
    [
        pytest.param(lambda: None, id="it has no id in our namespace"),
        pytest.param(lambda: 6, id="it is hidden from us"),
        pytest.param(lambda: 7, id="another process has its id"),
    ],
)
def test_where_the_daemon_is_not_seen_only_what_is_seen_counts(
    proc: Path, find_daemon: FindDaemon
) -> None:
    process(proc, 7, "qemu", "-uuid", str(VM))
    blind = witness(proc, find_daemon)
    assert blind.held() is None
    assert (blind.holds(VM), blind.holds(OTHER)) == (True, None)


def test_without_a_word_about_the_daemon_nothing_is_ruled_out() -> None:
    assert ProcWitness().held() is None
    assert ProcWitness().holds(VM) is None


@pytest.mark.parametrize("ourselves", ["1", "/missing", None])
def test_another_namespaces_table_is_not_ours(proc: Path, ourselves: str | None) -> None:
    (proc / "self").unlink()
    if ourselves is not None:
        (proc / "self").symlink_to(ourselves)
    assert witness(proc).held() is None


def test_the_daemon_is_looked_for_again_only_once_it_has_gone(proc: Path) -> None:
    asked: list[int] = []

    def find_daemon() -> int:
        asked.append(DAEMON)
        return DAEMON

    watching = witness(proc, find_daemon)
    for began, times in ((100, 1), (100, 1), (200, 2), (200, 2)):
        process(proc, DAEMON, "libvirtd", name="libvirtd", began=began)
        assert watching.held() == frozenset()
        assert len(asked) == times
    process(proc, DAEMON, "libvirtd", name="sh", began=200)
    assert watching.held() is None


def test_the_host_lives_on_which_it_is_asked(tmp_path: Path) -> None:
    """Even where it can't tell of any process: it runs on that host itself."""
    assert ProcWitness(proc=tmp_path / "nothing").alive() is True


def test_the_real_process_table_is_read() -> None:
    vm = VmUuid(uuid4())
    # The child speaks once it is itself: until then its command line is still ours.
    command = [sys.executable, "-c", "print(flush=True); input()", "-uuid", str(vm)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == b"\n"
        assert ProcWitness().holds(vm) is True
        _ = running.communicate(b"\n", timeout=10)
    assert ProcWitness().holds(vm) is None


def key(folder: str, *, old: bool = False) -> tuple[str, str]:
    """How a daemon that keeps its VMs' files in `folder` tells QEMU of a secret."""
    file = f"{folder}/domain-3-web/master-key.aes"
    told = f'{{"qom-type":"secret","id":"masterKey0","format":"raw","file":"{file}"}}'
    return "-object", f"secret,id=masterKey0,format=raw,file={file}" if old else told


def environment(proc: Path, **said: str) -> None:
    lines = b"".join(f"{name}={value}".encode() + b"\0" for name, value in said.items())
    (proc / str(DAEMON) / "environ").write_bytes(lines)


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize(
    ("folder", "said", "strange"),
    [
        ("/var/lib/libvirt/qemu", {"HOME": "/root"}, False),
        ("/root/.config/libvirt/qemu/lib", {"HOME": "/root"}, False),
        ("/c/libvirt/qemu/lib", {"HOME": "/root", "XDG_CONFIG_HOME": "/c"}, False),
        ("/d/libvirt/qemu/lib", {"HOME": "/root", "XDG_CONFIG_HOME": "/c"}, True),
        ("/people/ann/.config/libvirt/qemu/lib", {"HOME": "/root"}, True),
    ],
)
def test_a_process_that_keeps_its_files_elsewhere_is_another_daemons(
    proc: Path, folder: str, said: dict[str, str], strange: bool, old: bool
) -> None:
    environment(proc, **said)
    process(proc, 7, "qemu", *key(folder, old=old), "-uuid", str(VM))
    assert witness(proc).held() == {VM}, "whosoever it is"
    assert witness(proc).strange() == ({VM} if strange else set())


def test_a_vm_with_a_process_that_may_be_ours_is_not_strange(proc: Path) -> None:
    environment(proc, HOME="/root")
    process(proc, 7, "qemu", *key("/elsewhere"), "-uuid", str(VM))
    process(proc, 8, "qemu", *key("/elsewhere"), "-uuid", str(OTHER))
    process(proc, 9, "qemu", "-uuid", str(VM))
    assert witness(proc).strange() == {OTHER}


def test_where_nobody_knows_where_the_daemon_keeps_its_files_nothing_is_strange(proc: Path) -> None:
    process(proc, 7, "qemu", *key("/elsewhere"), "-uuid", str(VM))
    assert witness(proc).strange() == set(), "its environment can't be read"
    environment(proc, HOME="/root")
    assert witness(proc).strange() == {VM}
    assert witness(proc, lambda: None).strange() == set(), "it is not seen"
    assert witness(proc / "nothing").strange() == set()


def boot(proc: Path, name: str) -> None:
    file = proc / "sys" / "kernel" / "random" / "boot_id"
    file.parent.mkdir(parents=True, exist_ok=True)
    _ = file.write_text(f"{name}\n")


def test_a_process_is_known_by_its_boot_its_id_and_when_it_began(proc: Path) -> None:
    boot(proc, "one")
    process(proc, 7, "qemu", "-uuid", str(VM), began=300)
    assert witness(proc).process(VM) == "one:7:300"
    process(proc, 7, "qemu", "-uuid", str(VM), began=301)
    assert witness(proc).process(VM) == "one:7:301", "another one under the same id"
    boot(proc, "two")
    assert witness(proc).process(VM) == "two:7:301"


def test_where_nobody_can_tell_which_process_it_is_none_is_named(proc: Path) -> None:
    process(proc, 7, "qemu", "-uuid", str(VM))
    assert witness(proc).process(VM) == "", "nobody knows which boot this is"
    boot(proc, "one")
    assert witness(proc).process(VM) != ""
    assert witness(proc).process(OTHER) == ""
    assert witness(proc, lambda: None).process(VM) == "", "another one may be hidden"
    process(proc, 8, "qemu", "-uuid", str(VM))
    assert witness(proc).process(VM) == "", "two hold it"
