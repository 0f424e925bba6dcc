"""Where the url and the key come from; and where a key never goes."""

from pathlib import Path

import pytest

from vmuster.client.errors import ClientError
from vmuster.client.profile import DEFAULT_URL, Profile, load_profile

USER = 'url = "http://127.0.0.1:1"\nkey = "user"\n'
STATE = 'url = "http://127.0.0.1:2"\nkey = "state"\n'


def load(tmp_path: Path, *texts: str, contexts: str = "", **given: str) -> Profile:
    """The profile from files with these texts; upper-case names are variables."""
    files = [tmp_path / f"{number}.toml" for number in range(len(texts))]
    for file, text in zip(files, texts, strict=True):
        if text:
            file.write_text(text)
    if contexts:
        (tmp_path / "contexts.toml").write_text(contexts)
    variables = {name: value for name, value in given.items() if name.isupper()}
    said = {name: value for name, value in given.items() if not name.isupper()}
    return load_profile(
        url=said.get("url", ""),
        key=said.get("key", ""),
        context=said.get("context", ""),
        environ=variables,
        files=files,
        contexts=tmp_path / "contexts.toml",
    )


def test_the_first_file_there_counts(tmp_path: Path) -> None:
    assert load(tmp_path, USER, STATE).key == "user"
    assert load(tmp_path / "none", "", "", url=DEFAULT_URL, key="k").url == DEFAULT_URL


def test_a_missing_file_leaves_the_next(tmp_path: Path) -> None:
    found = load(tmp_path, "", STATE)
    assert (found.url, found.key) == ("http://127.0.0.1:2", "state")
    assert found.found_in == str(tmp_path / "1.toml")


def test_the_environment_goes_before_files_and_what_is_given_before_both(tmp_path: Path) -> None:
    told = {"VMUSTER_URL": "http://127.0.0.1:3", "VMUSTER_API_KEY": "env"}
    assert load(tmp_path, USER, **told) == Profile(url="http://127.0.0.1:3", key="env")
    given = {"url": "https://example.org/", "key": "given"}
    assert load(tmp_path, USER, **told, **given) == Profile(url="https://example.org", key="given")


def test_a_key_from_a_file_goes_to_no_other_server(tmp_path: Path) -> None:
    with pytest.raises(ClientError, match=r"no key is known for https://example\.org"):
        load(tmp_path, USER, STATE, url="https://example.org")
    assert load(tmp_path, USER, STATE, url="http://127.0.0.1:2/").key == "state"


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1:8040",
        "http://example.org",
        "http://127.0.0.1.example.org",
        "http://localhost@example.org",
        "ftp://127.0.0.1",
        "127.0.0.1:8040",
        "file:///etc/passwd",
    ],
)
def test_a_key_never_travels_in_clear_text(tmp_path: Path, url: str) -> None:
    with pytest.raises(ClientError, match="clear text"):
        load(tmp_path, url=url, key="k")


def test_what_is_no_url_is_said(tmp_path: Path) -> None:
    with pytest.raises(ClientError, match="no url"):
        load(tmp_path, url="http://[::1", key="k")


@pytest.mark.parametrize("url", ["http://localhost:1", "http://[::1]:1", "http://127.8.9.1"])
def test_this_machine_is_known_by_its_addresses(tmp_path: Path, url: str) -> None:
    assert load(tmp_path, url=url, key="k").on_this_machine


def test_another_machine_is_told_apart(tmp_path: Path) -> None:
    assert not load(tmp_path, url="https://example.org", key="k").on_this_machine


@pytest.mark.parametrize("text", ["url = ", "url = 1", "\udcff", "[url]"])
def test_a_file_that_is_no_profile_is_said(tmp_path: Path, text: str) -> None:
    file = tmp_path / "client.toml"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ClientError, match="no client profile"):
        load_profile(url="", key="", environ={}, files=[file])


def test_a_file_that_can_not_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(ClientError, match="can't be read"):
        load_profile(url="", key="", environ={}, files=[tmp_path])


def test_without_a_key_there_is_a_way_out(tmp_path: Path) -> None:
    with pytest.raises(ClientError) as caught:
        load(tmp_path)
    assert "vmuster serve" in caught.value.hint


CONTEXTS = """
use = "north"
[contexts.north]
url = "https://north.example.org"
key = "n"
ca = "north.pem"
[contexts.south]
url = "https://south.example.org:8040/"
key_file = "south.key"
fingerprint = "ab"
"""
NORTH, SOUTH = "https://north.example.org", "https://south.example.org:8040"


@pytest.mark.parametrize(
    ("said", "url", "key"),
    [
        ({}, NORTH, "n"),
        ({"context": "south"}, SOUTH, "s"),
        ({"VMUSTER_CONTEXT": "south"}, SOUTH, "s"),
        ({"context": "north", "VMUSTER_CONTEXT": "south"}, NORTH, "n"),
        ({"context": "south", "VMUSTER_URL": NORTH, "VMUSTER_API_KEY": "e"}, SOUTH, "s"),
        ({"VMUSTER_URL": NORTH, "VMUSTER_CONTEXT": "south"}, NORTH, "n"),
        ({"VMUSTER_API_KEY": "e"}, NORTH, "e"),
        ({"url": SOUTH}, SOUTH, "s"),
        ({"url": SOUTH, "key": "k"}, SOUTH, "k"),
        ({"context": "south", "key": "k"}, SOUTH, "k"),
        ({"url": "http://127.0.0.1:2"}, "http://127.0.0.1:2", "state"),
    ],
)
def test_what_was_said_last_and_nearest_counts(
    tmp_path: Path, said: dict[str, str], url: str, key: str
) -> None:
    (tmp_path / "south.key").write_text("s\n")
    found = load(tmp_path, STATE, contexts=CONTEXTS, **said)
    assert (found.url, found.key) == (url, key)


def test_a_server_is_known_as_its_context_says(tmp_path: Path) -> None:
    (tmp_path / "south.key").write_text("s")
    north, south = (load(tmp_path, contexts=CONTEXTS, context=name) for name in ("north", "south"))
    assert (north.ca, north.fingerprint) == (str(tmp_path / "north.pem"), "")
    assert (south.ca, south.fingerprint) == ("", "ab")
    assert north.found_in == f"context north ({tmp_path / 'contexts.toml'})"
    assert load(tmp_path, contexts=CONTEXTS, url=NORTH).ca == north.ca
    assert load(tmp_path, contexts=CONTEXTS, url="https://other.example.org", key="k").ca == ""


def test_a_key_of_a_context_goes_to_no_other_server(tmp_path: Path) -> None:
    with pytest.raises(ClientError, match=r"no key is known for https://other") as caught:
        load(tmp_path, contexts=CONTEXTS, url="https://other.example.org")
    assert f"there is a key for {NORTH} in context north" in caught.value.hint
    with pytest.raises(ClientError, match="no key is known"):
        load(tmp_path, contexts=CONTEXTS, context="north", url="https://other.example.org")


def test_a_client_file_whose_url_is_out_of_date_is_said(tmp_path: Path) -> None:
    with pytest.raises(ClientError) as caught:
        load(tmp_path, STATE, url="http://127.0.0.1:8041")
    assert f"there is a key for http://127.0.0.1:2 in {tmp_path / '0.toml'}" in caught.value.hint
    assert "correct the url" in caught.value.hint


def test_a_client_file_may_name_the_servers_own_ca(tmp_path: Path) -> None:
    text = 'url = "https://127.0.0.1:1"\nkey = "k"\nca = "tls/ca.pem"\n'
    assert load(tmp_path, text).ca == str(tmp_path / "tls" / "ca.pem")


def test_an_unknown_context_is_near_to_one_that_is_known(tmp_path: Path) -> None:
    with pytest.raises(ClientError, match="no context nroth") as caught:
        load(tmp_path, contexts=CONTEXTS, context="nroth")
    assert "did you mean north?" in caught.value.hint
    with pytest.raises(ClientError, match="no context gone"):
        load(tmp_path, STATE, contexts='use = "gone"')
