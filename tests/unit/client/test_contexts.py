"""The file of contexts, and the keys that it leads to."""

from pathlib import Path

import msgspec
import pytest

from vmuster.client.contexts import Context, Contexts, key_of, read_contexts
from vmuster.client.errors import ClientError

KNOWN = Contexts(
    use="a", contexts={"a": Context(url="https://a", key="k"), "b b": Context(url="\x1b\"'")}
)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    file = tmp_path / "contexts.toml"
    assert read_contexts(file) == Contexts()
    file.write_bytes(msgspec.toml.encode(KNOWN))
    assert read_contexts(file) == KNOWN


@pytest.mark.parametrize("text", ["use = 1", "use =", "[contexts.a]", "\udcff"])
def test_a_file_that_holds_none_is_said(tmp_path: Path, text: str) -> None:
    file = tmp_path / "contexts.toml"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ClientError, match="holds no contexts"):
        read_contexts(file)


def test_a_file_that_can_not_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(ClientError, match="can't be read"):
        read_contexts(tmp_path)


def test_a_key_is_in_the_file_or_where_it_says(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("secret\n")
    assert key_of(Context(url="u", key="k", key_file="key"), tmp_path) == "k"
    assert key_of(Context(url="u", key_file="key"), tmp_path) == "secret"
    assert key_of(Context(url="u", key_file=str(tmp_path / "key")), Path("x")) == "secret"
    assert key_of(Context(url="u"), tmp_path) == ""
    with pytest.raises(ClientError, match="can't be read"):
        key_of(Context(url="u", key_file="none"), tmp_path)
