"""The files that OpenSSH is given: for their owner alone, and nothing of a profile is in them."""

import os
import subprocess
from pathlib import Path

import pytest

from vmuster.drivers.ssh.folder import NAMING_PROGRAM, PROGRAM, command_line, lay_out, take_away
from vmuster.model.host import SshProfile

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGbM2Zq1kLk8qN0Zt0n8hQ0m7s4cGg5kq4Yl7VQ2xk3B"
PROFILE = SshProfile(address="h1.example", host_key=KEY, port=2022, user="anna")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Its path has all that a script or a settings file could stumble over."""
    return tmp_path / "a b%h$(id)'\"" / "h-1"


def settings(folder: Path) -> dict[str, str]:
    """What ssh itself makes of the settings."""
    command = command_line(folder, PROFILE)
    shown = subprocess.run(
        [command[0], "-G", *command[1:]], capture_output=True, text=True, check=True
    ).stdout
    return {name: value for name, _, value in (line.partition(" ") for line in shown.splitlines())}


def test_all_is_for_its_owner_alone(folder: Path) -> None:
    lay_out(folder, KEY, "/run/agent", b"secret\n", "vmuster-7")
    assert folder.stat().st_mode & 0o777 == 0o700
    for path in folder.iterdir():
        assert path.lstat().st_mode & 0o077 == 0
    assert (folder / "identity").read_bytes() == b"secret\n"


def test_ssh_takes_the_settings_as_they_are_meant(folder: Path) -> None:
    lay_out(folder, KEY, "", b"secret\n", "vmuster-7")
    taken = settings(folder)
    wanted = {
        "hostname": "h1.example",
        "port": "2022",
        "user": "anna",
        "stricthostkeychecking": "true",
        "userknownhostsfile": "known_hosts",
        "globalknownhostsfile": "none",
        "identityfile": "identity",
        "identitiesonly": "yes",
        "identityagent": "none",
        "batchmode": "yes",
        "passwordauthentication": "no",
        "kbdinteractiveauthentication": "no",
        "updatehostkeys": "false",
        "clearallforwardings": "yes",
        "forwardagent": "no",
        "permitlocalcommand": "no",
        "controlmaster": "false",
        "connecttimeout": "8",
        "serveraliveinterval": "5",
        "serveralivecountmax": "2",
    }
    assert {name: taken.get(name) for name in wanted} == wanted
    assert "proxycommand" not in taken
    assert "localcommand" not in taken


def test_with_no_credential_the_operators_agent_and_keys_are_used(folder: Path) -> None:
    lay_out(folder, KEY, "/run/user/1/agent", None, "vmuster-7")
    assert (folder / "agent").readlink() == Path("/run/user/1/agent")
    assert settings(folder)["identityagent"] == "agent"
    assert settings(folder)["identitiesonly"] == "no"
    lay_out(folder, KEY, "", None, "vmuster-7")
    assert not os.path.lexists(folder / "agent")
    assert settings(folder)["identityagent"] == "none"


def test_a_folder_is_laid_out_anew_without_what_was_there(folder: Path) -> None:
    lay_out(folder, KEY, "", b"secret\n", "vmuster-7")
    lay_out(folder, KEY, "", None, "vmuster-7")
    assert not (folder / "identity").exists()


def test_a_folder_is_taken_away_and_a_link_is_not_followed(folder: Path, tmp_path: Path) -> None:
    lay_out(folder, KEY, "", b"secret\n", "vmuster-7")
    take_away(folder)
    assert not folder.exists()
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("kept")
    folder.symlink_to(precious)
    take_away(folder)
    assert not os.path.lexists(folder)
    assert (precious / "file").read_text() == "kept"
    take_away(folder)


def test_an_address_comes_after_the_end_of_options(folder: Path) -> None:
    command = command_line(folder, PROFILE, "true")
    assert command[command.index("--") :] == ["--", "h1.example", "true"]


def test_the_naming_program_names_the_shell_over_there(folder: Path) -> None:
    """As libvirt runs it: the last argument is the whole command."""
    lay_out(folder, KEY, "", b"secret\n", "vmuster-7")
    shown = {}
    for program in (PROGRAM, NAMING_PROGRAM):
        script = (folder / program).read_text().replace("exec /usr/bin/ssh", 'exec printf "[%s]"')
        (folder / program).write_text(script)
        command = [folder / program, "-T", "--", "h1", "sh -c 'x; y'"]
        shown[program] = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    plain = "[-F][settings][-T][--][h1][env LIBVIRT_AUTOSTART=0 sh -c 'x; y']"
    assert shown == {PROGRAM: plain, NAMING_PROGRAM: f"{plain}[vmuster-7]"}
