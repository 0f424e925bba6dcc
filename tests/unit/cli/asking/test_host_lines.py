"""Hosts as they are written: read exactly, or refused with the line and the reason."""

import pytest

from vmuster.cli.asking.host_lines import FORMAT, HostWish, changed_profile, host_wish, read_lines


def one(line: str) -> HostWish:
    (wish,) = read_lines([line])
    return wish


@pytest.mark.parametrize(
    ("line", "profile"),
    [
        ("a local", {"kind": "local"}),
        ("a local scope=session", {"kind": "local", "scope": "session"}),
        ("a loopback 16509", {"kind": "loopback", "port": 16509}),
        ("a ssh b.example", {"kind": "ssh", "address": "b.example"}),
        (
            "a ssh ann@::1 port=2222 credential=c",
            {"kind": "ssh", "address": "::1", "user": "ann", "port": 2222, "credential": "c"},
        ),
        (
            'a ssh b host-key="ssh-ed25519 AAAA"',
            {"kind": "ssh", "address": "b", "host_key": "ssh-ed25519 AAAA"},
        ),
        ("a tls b port=1", {"kind": "tls", "address": "b", "port": 1}),
    ],
)
def test_a_line_says_how_a_host_is_reached(line: str, profile: dict[str, object]) -> None:
    wish = one(line)
    assert (wish.name, wish.cluster, wish.profile) == ("a", "default", profile)


def test_comments_empty_lines_and_clusters() -> None:
    wishes = read_lines(["# all\n", "\n", "  a local cluster=north  # first\n", "b local\n"])
    assert [(wish.name, wish.cluster) for wish in wishes] == [("a", "north"), ("b", "default")]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("a", "a name and a kind"),
        ("a vsphere b", "'vsphere' is no kind"),
        ("a local b", "local hosts have no place"),
        ("a ssh", "ssh hosts have a place"),
        ("a ssh port=1", "ssh hosts have a place"),
        ("a ssh @b", "something is empty"),
        ("a ssh ann@b user=eve", "user is said twice"),
        ("a ssh b port=0", "'0' is no port"),
        ("a ssh b port=65536", "'65536' is no port"),
        ("a ssh b port=\u0662", "is no port"),
        ("a ssh b port=2 port=3", "port is said twice"),
        ("a ssh b port", "'port' is no OPTION=VALUE"),
        ("a ssh b =1", "'=1' is no OPTION=VALUE"),
        ("a tls b user=ann", "no option 'user'"),
        ("a local credential=c", "no option 'credential'"),
        ("a local cluster=", "something is empty"),
        ('a local "', "No closing quotation"),
        ("a loopback x", "'x' is no port"),
    ],
)
def test_a_wrong_line_says_why(line: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as caught:
        read_lines(["good local", line])
    assert str(caught.value).startswith("line 2: ")


def test_every_wrong_line_is_told_of_up_to_a_bound() -> None:
    with pytest.raises(ValueError, match="and 3 lines more") as caught:
        read_lines(["x"] * 8)
    assert all(f"line {number}: " in str(caught.value) for number in range(1, 6))
    assert "line 6" not in str(caught.value)


def test_a_name_stands_once_and_a_file_says_something() -> None:
    with pytest.raises(ValueError, match="line 2: host 'a' stands in the file twice"):
        read_lines(["a local", "a ssh b"])
    with pytest.raises(ValueError, match="no host in it"):
        read_lines(["# nothing"])


def test_help_shows_every_kind() -> None:
    assert all(f"NAME {kind}" in FORMAT for kind in ("local", "ssh", "tls", "loopback"))
    assert host_wish("a", "local", "", {}).profile == {"kind": "local"}


FAR = {"kind": "ssh", "address": "a", "user": "ops", "port": 23, "host_key": "K", "credential": "c"}


@pytest.mark.parametrize(
    ("kind", "place", "options", "after"),
    [
        ("", "", {"port": "24"}, {**FAR, "port": 24}),
        ("ssh", "b", {}, {**FAR, "address": "b"}),
        (
            "ssh",
            "root@b",
            {"credential": "d"},
            {**FAR, "address": "b", "user": "root", "credential": "d"},
        ),
        ("tls", "b", {}, {"kind": "tls", "address": "b"}),
    ],
)
def test_what_is_not_said_of_a_profile_stays(
    kind: str, place: str, options: dict[str, str], after: dict[str, object]
) -> None:
    assert changed_profile(FAR, kind, place, options) == after


@pytest.mark.parametrize(
    ("present", "kind", "place", "options"),
    [
        ({"kind": "local", "scope": "system"}, "", "", {"port": "22"}),
        ({"kind": "simulated", "name": "a"}, "", "", {"scope": "session"}),
        (FAR, "ssh", "", {}),
        (FAR, "", "", {"port": "none"}),
    ],
)
def test_a_profile_can_t_be_changed_to_what_is_none(
    present: dict[str, object], kind: str, place: str, options: dict[str, str]
) -> None:
    with pytest.raises(ValueError, match=r"."):
        changed_profile(present, kind, place, options)
