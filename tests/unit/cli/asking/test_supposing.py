"""What a person supposes: said, or written in a file as a cluster is printed."""

import json
from collections.abc import Callable
from pathlib import Path

import click
import msgspec
import pytest
import yaml

from vmuster.cli.asking.supposing import supposed
from vmuster.model.host import Cluster
from vmuster.model.ids import ClusterName
from vmuster.model.policy import Policy
from vmuster.model.policy_change import changed_policy
from vmuster.model.states import Drift, HostMode, Restart
from vmuster.reconcile.supposed import Change


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "policy"
    file.write_text(text, encoding="utf-8")
    return file


def test_nothing_is_supposed_where_nothing_is_said() -> None:
    assert supposed((), None, None) == Change()


def test_settings_and_a_mode_are_taken_as_they_are_said() -> None:
    change = supposed(("drift=enforce", "seen_before_stop=4"), None, "observe")
    assert change.mode is HostMode.OBSERVE
    assert change.settings == {"drift": "enforce", "seen_before_stop": "4"}


@pytest.mark.parametrize("form", [json.dumps, yaml.safe_dump], ids=["json", "yaml"])
@pytest.mark.parametrize("inside", [True, False])
def test_a_file_is_read_as_a_cluster_is_printed(
    tmp_path: Path, form: Callable[[object], str], inside: bool
) -> None:
    policy = Policy(drift=Drift.ENFORCE, restart=Restart.ON_CRASH, quiet_seconds=7.5)
    cluster = Cluster(name=ClusterName("c"), policy=policy, created_at=1.0)
    document = msgspec.to_builtins(cluster)
    file = written(tmp_path, form(document if inside else document["policy"]))
    change = supposed((), file, None)
    assert changed_policy(Policy(), change.settings) == policy


def test_what_is_said_counts_before_what_is_written(tmp_path: Path) -> None:
    file = written(tmp_path, "drift: enforce\nrestart: always\n")
    assert supposed(("drift=record",), file, None).settings == {
        "drift": "record",
        "restart": "always",
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        *(("", "no settings"), ("[]", "no settings"), ("policy: 7", "no settings")),
        *(("{", "can't be read"), ("\x00", "can't be read"), ("!!python/name:os.system", "read")),
        *(("drfit: enforce", "drfit"), ("drift: sideways", "drift")),
        ("policy: {}", "no settings"),
    ],
)
def test_a_file_that_says_nothing_of_a_policy_is_a_matter_of_usage(
    tmp_path: Path, text: str, words: str
) -> None:
    with pytest.raises(click.UsageError, match=words):
        supposed((), written(tmp_path, text), None)


@pytest.mark.parametrize("said", ["drift", "drift=sideways", "nothing_like_it=1"])
def test_what_is_no_setting_is_a_matter_of_usage(said: str) -> None:
    with pytest.raises(click.UsageError):
        supposed((said,), None, None)
