"""Settings come from flags, variables and files, in this order; what is wrong says where."""

from collections.abc import Callable
from pathlib import Path

import pytest

from vmuster.model.errors import Refused
from vmuster.wiring.settings.configuring import (
    DEFAULT,
    TYPES,
    Configured,
    allowed,
    configure,
    variable,
)
from vmuster.wiring.settings.table import LogLevel, Settings

Say = Callable[..., Configured]


@pytest.fixture
def say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Say:
    """Configures by a file with this text, these variables and these flags."""
    monkeypatch.setattr(
        "vmuster.wiring.settings.configuring.default_config", lambda: tmp_path / "none"
    )

    def said(
        file: str = "", *, environ: dict[str, str] | None = None, **flags: object
    ) -> Configured:
        config = tmp_path / "some.toml" if file else None
        if config is not None:
            config.write_text(file)
        return configure(flags=flags, environ=environ or {}, config=config)

    return said


def test_where_nothing_is_said_all_is_as_the_table_says(say: Say) -> None:
    found = say()
    assert found.settings == Settings()
    assert found.origins == dict.fromkeys(TYPES, DEFAULT)


def test_a_flag_beats_a_variable_which_beats_a_file(say: Say, tmp_path: Path) -> None:
    environ = {"VMUSTER_PORT": "2", "VMUSTER_JSON_LOGS": "true"}
    found = say('port = 1\njson_logs = false\ninstance = "X"', environ=environ, port=3)
    settings = found.settings
    assert (settings.port, settings.json_logs, settings.instance) == (3, True, "X")
    assert found.origins["port"] == "--port"
    assert found.origins["json_logs"] == "VMUSTER_JSON_LOGS"
    assert found.origins["instance"] == str(tmp_path / "some.toml")
    assert found.origins["host"] == DEFAULT


def test_limits_have_a_section_and_variables(say: Say) -> None:
    environ = {"VMUSTER_LIMITS_REQUESTS_BURST": "7"}
    found = say("[limits]\nstops_per_minute = 5", environ=environ)
    assert found.value("limits.stops_per_minute") == 5
    assert found.value("limits.requests_burst") == 7
    assert found.settings.limits.connections_max == Settings().limits.connections_max


def test_a_folder_has_a_main_file_and_others_that_come_later(tmp_path: Path) -> None:
    (tmp_path / "conf.d").mkdir()
    (tmp_path / "vmuster.toml").write_text("port = 1\nlog_level = 'debug'")
    (tmp_path / "conf.d" / "20.toml").write_text("port = 3")
    (tmp_path / "conf.d" / "10.toml").write_text("port = 2\njson_logs = true")
    (tmp_path / "conf.d" / "30.toml.old").write_text("port = 4")
    settings = configure(flags={}, environ={}, config=tmp_path).settings
    assert (settings.port, settings.log_level) == (3, LogLevel.DEBUG)
    assert settings.json_logs
    assert configure(flags={}, environ={}, config=tmp_path / "conf.d").settings == Settings()


def test_paths_of_a_file_are_relative_to_it(say: Say, tmp_path: Path) -> None:
    settings = say('tls_cert = "a.pem"\ntls_key = "/etc/b.pem"').settings
    assert (settings.tls_cert, settings.tls_key) == (tmp_path / "a.pem", Path("/etc/b.pem"))


def test_words_of_a_variable_are_parted_by_commas_or_spaces(say: Say) -> None:
    settings = say(environ={"VMUSTER_TLS_NAMES": "a.example, b.example c"}).settings
    assert settings.tls_names == ("a.example", "b.example", "c")


def test_an_empty_variable_says_nothing(say: Say) -> None:
    assert say(environ={"VMUSTER_PORT": ""}).settings.port == Settings().port


WRONG = [
    ("port = 'x'", "some.toml: port can't be 'x'", "a whole number from 0 to 65535"),
    ("port = '80'", "some.toml: port can't be '80'", "a whole number"),
    ("port = 65536", "some.toml: port can't be 65536", "from 0 to 65535"),
    ("json_logs = 1", "json_logs can't be 1", "true, false"),
    ("log_level = 'loud'", "log_level can't be 'loud'", "debug, info, warning, error"),
    ("call_seconds = 0", "call_seconds can't be 0", "a number from 0.5 to 600"),
    ("tls_names = 'a b'", "tls_names can't be 'a b'", "a list of words"),
    ("tls_cert = ''", "tls_cert can't be ''", "a path"),
    ("instance = ''", "instance can't be ''", "a text of at most 64 characters"),
    ("instance = 'a-b'", "some.toml: instance ends no name of ours", "without a dash"),
    ("prot = 1", "some.toml: prot: there is no such setting", "did you mean port?"),
    ("restored = true", "restored is said with the flag --restored alone", ""),
    ("limits = 3", "limits is a section", "docs/configuration.md"),
    ("[limits]\nstops = 3", "limits.stops: there is no such setting", "stops_per_minute"),
    ("[limits]\nstops_per_minute = 0", "limits.stops_per_minute can't be 0", "from 1 to"),
    ("host = 'example.org'", "some.toml: host is no address", "127.0.0.1"),
    ("tls_cert = 'a.pem'", "some.toml: tls_cert comes without its other half", "belong together"),
    ("otel_endpoint = 'http://a:b@c'", "otel_endpoint is no plain url", "OTEL_EXPORTER"),
    ("webhook_allow = ['10.0.0.1/8']", "webhook_allow is wrong", "10.0.0.0/8"),
    ("port = = 1", "some.toml is no TOML", "docs/configuration.md"),
]


@pytest.mark.parametrize(("file", "message", "hint"), WRONG, ids=[each[0] for each in WRONG])
def test_what_is_wrong_in_a_file_is_said_with_its_place(
    say: Say, file: str, message: str, hint: str
) -> None:
    with pytest.raises(Refused) as refusal:
        say(file)
    assert message in refusal.value.message
    assert hint in refusal.value.hint


@pytest.mark.parametrize(
    ("name", "value"), [("VMUSTER_PORT", "tcp://10.0.0.1:80"), ("VMUSTER_JSON_LOGS", "maybe")]
)
def test_what_is_wrong_in_a_variable_is_said_with_its_name(say: Say, name: str, value: str) -> None:
    with pytest.raises(Refused, match=f"^{name}: "):
        say(environ={name: value})


def test_a_variable_that_nearly_is_a_settings_is_a_mistake(say: Say) -> None:
    with pytest.raises(Refused) as refusal:
        say(environ={"VMUSTER_PROT": "1"})
    assert refusal.value.hint == "is it VMUSTER_PORT?"


@pytest.mark.parametrize("name", ["VMUSTER_URL", "VMUSTER_API_KEY", "VMUSTER_SERVICE_HOST", "PORT"])
def test_variables_of_others_are_left_alone(say: Say, name: str) -> None:
    assert say(environ={name: "x"}).settings == Settings()


def test_a_file_that_was_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="can't be read"):
        configure(flags={}, environ={}, config=tmp_path / "missing.toml")


def test_a_value_that_is_repeated_is_shown_in_one_visible_line(say: Say) -> None:
    with pytest.raises(Refused) as refusal:
        say('instance = "\\u001b[2J\\u202e' + "x" * 500 + '"')
    assert refusal.value.message.isprintable()
    assert len(refusal.value.message) < 300


def test_every_setting_can_be_described() -> None:
    assert all(allowed(setting) for setting in TYPES)
    assert len({variable(setting) for setting in TYPES}) == len(TYPES)
