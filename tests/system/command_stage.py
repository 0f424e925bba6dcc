"""A stage for command lines: what they name is there, and each is run in every way that there is.

A line is run as it stands; the first one of a command also in every form, with what all commands
share, and where it changes something rehearsed before, to see that nothing was changed.
"""

import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import UUID

import click
import msgspec
from click.testing import CliRunner, Result

from tests.estates import Estate
from tests.keypairs import Authority, Login
from tests.recorded import pass_over, recording
from tests.served import KEYS
from tests.system.command_lines import Line
from tests.worlds import lookalike
from vmuster.cli.main import cli
from vmuster.model.automation import HeldPlan, HoldState
from vmuster.model.changes import Changes, Write
from vmuster.model.host import Cluster, Fleet, Host
from vmuster.model.ids import HostUuid
from vmuster.model.journal import JournalEntry
from vmuster.model.keys import ApiKey, Credential
from vmuster.model.operations import Operation
from vmuster.model.vm import VmRecord
from vmuster.model.webhooks import Webhook
from vmuster.server.secrets.host_keys import HostKey

SHOWN: Final = ("json", "yaml", "name", "wide", "csv")
CLAIMED: Final = HostUuid(UUID(int=9))
FORMS: Final = {"api": ("json", "yaml"), "serve": ("json", "yaml")}
"""Of commands that print no lists."""
ONCE: Final = frozenset(
    {
        *("context add", "context rename", "context remove"),
        *("backup create", "backup keys", "restore", "record fetch"),
    }
)
"""What can't be done twice, and not in vain."""


def commands(
    command: click.Command, words: tuple[str, ...] = ()
) -> Iterator[tuple[str, click.Command]]:
    """Every command, by its words; `ls` too, which no help mentions."""
    if not isinstance(command, click.Group) or command.invoke_without_command or not words:
        yield " ".join(words), command
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from commands(inner, (*words, name))


EVERY: Final = dict(commands(cli))


class Played(NamedTuple):
    """How one line went: as it stands, rehearsed before that (and whether that changed anything),
    and with what all commands share."""

    done: Result
    rehearsed: Result | None
    changed: list[str]
    forms: dict[str, Result]
    shared: list[Result]


class Stage:
    """The estate, and all that lines need."""

    def __init__(self, estate: Estate, folder: Path, state: Path) -> None:
        self.estate = estate
        self._seen = set[str]()
        world = estate.world
        operation = world.client().operations(limit=1000)[-1]
        self._said = {
            **_files(folder, world.url),
            "{dir}": str(folder),
            "{state}": str(state),
            "{url}": world.url,
            "{plan}": estate.plan,
            "{operation}": operation["id"],
            "{zeros}": "0" * 64,
            "{claimed}": str(CLAIMED),
        }
        self._gamma = world.add_host("gamma")
        key = HostKey(type="ssh-ed25519", key=self._said["{host_key}"], fingerprint="SHA256:x")
        for place in ("far.example.org", "seen.example.org", "seen.example.net"):
            world.fleet.host_keys.shown[place, 22] = (key,)

    def _claim(self) -> None:
        """Have a host say that it is another one."""
        host, fleet = self._gamma, self.estate.world.fleet

        async def claimed() -> bool:
            now = await fleet.now(host)
            claims = msgspec.structs.replace(now, claims=CLAIMED)
            return await fleet.store.commit(
                [Changes(writes=(Write(before=now, after=claims),))]
            ) == [""]

        self.estate.world.run(fleet.until(claimed))

    def _settle(self) -> None:
        """Wait until nothing that was asked for is under way."""
        fleet = self.estate.world.fleet

        async def settled() -> bool:
            return not await fleet.store.find(Operation, finished_at=None)

        self.estate.world.run(fleet.until(settled))

    def play(self, line: Line) -> Played:
        """Run a line in each way that there is."""
        words = self._words(line.words)
        if line.claimed:
            self._claim()
        name, parameters = _meant(words)
        dry = "dry_run" in parameters and "--dry-run" not in words and name != "api"
        rehearsed, changed = None, list[str]()
        if dry and line.status == 0:
            self._settle()
            before = self.rows()
            rehearsed = self._run([*words, "--dry-run"], line.stdin)
            changed = sorted(set(self.rows()) ^ set(before))
        safe = [*words, "--dry-run"] if dry else words
        every_way = name not in self._seen and line.status == 0 and (dry or name not in ONCE)
        forms = dict[str, Result]()
        if every_way and "form" in parameters:
            forms = {
                form: self._run([*safe, "-o", form], line.stdin) for form in FORMS.get(name, SHOWN)
            }
        more = list(self._shared(parameters, forms)) if every_way else []
        shared = [self._run([*safe, *each], line.stdin, alone=True) for each in more]
        done = self._run(words, line.stdin)
        if done.exit_code == line.status == 0:
            self._seen.add(name)
        return Played(done, rehearsed, changed, forms, shared)

    def _shared(self, parameters: set[str], forms: dict[str, Result]) -> Iterator[list[str]]:
        """What all commands share, or all that list something."""
        if {"url", "context"} <= parameters:
            yield ["--url", self.estate.world.url, "--key", KEYS["anna"], "--color", "never"]
            yield ["--context", "home", "--color", "always"]
        elif "color" in parameters:
            yield ["--color", "never"]
        if "columns" in parameters:
            title = forms["csv"].stdout.partition("\n")[0].partition(",")[0]
            chosen = ["--columns", title, "--sort", f"-{title}", "--filter", f"{title}~"]
            yield [*chosen, "--no-headers", "--context", "home"]
        if "watch" in parameters:
            yield ["--watch", "--context", "home"]
            yield ["-w", "--context", "home"]

    def rows(self) -> list[str]:
        """All that a person's request could change; nothing that reports change, or what is done
        by itself, such as what a person let pass before."""
        world = self.estate.world
        found = [row for kind in ROWS for row in world.run(world.fleet.store.find(kind))]
        found = [row for row in found if not _by_itself(row)]
        written = world.run(world.fleet.store.find(JournalEntry, limit=10_000))
        said = [entry for entry in written if entry.actor not in ("vmuster", "agent")]
        return [f"{type(row).__name__} {_lasting(row)}" for row in [*found, *said]]

    def _words(self, line: str) -> list[str]:
        for name, said in self._said.items():
            line = line.replace(name, shlex.quote(said) if " " in said else said)
        return shlex.split(line)

    def _run(self, words: list[str], stdin: str, *, alone: bool = False) -> Result:
        """Run a command; `alone`: without being told where the server is."""
        server = {} if alone else {"VMUSTER_URL": self.estate.world.url}
        key = {} if alone else {"VMUSTER_API_KEY": KEYS["anna"]}
        return CliRunner(env={**server, **key}).invoke(
            cli, words, prog_name="vmuster", input=stdin or None
        )


ROWS: Final[tuple[Any, ...]] = (
    *(Fleet, Cluster, Host, VmRecord, HeldPlan, Operation, Credential, ApiKey, Webhook),
)
LASTING: Final[dict[Any, tuple[str, ...]]] = {
    Host: ("id", "name", "cluster", "profile", "mode", "uuid"),
    VmRecord: ("uuid", "name", "desired", "generation", "mark_generation", "removed_at"),
    Cluster: ("name", "policy", "grant", "disarmed"),
    Operation: ("id", "kind", "vm"),
    HeldPlan: ("id", "state", "by"),
    ApiKey: ("name", "digest", "scope", "expires_at"),
    Webhook: ("name", "url", "kinds"),
    Fleet: ("id", "instance", "key", "policy", "disarmed"),
}
"""What of a row changes by a person's request alone; of the others, all."""


def _by_itself(row: Any) -> bool:
    """Whether it comes and goes without a person: an automatic act, and a plan that may pass."""
    match row:
        case Operation():
            return row.automatic
        case HeldPlan():
            return row.state is HoldState.APPROVED
        case _:
            return False


def _lasting(row: Any) -> object:
    fields = LASTING.get(type(row))
    return row if fields is None else tuple(getattr(row, field) for field in fields)


def _meant(words: list[str]) -> tuple[str, set[str]]:
    """The command that a line means, by its words, and the parameters that it has."""
    found = [name for name in EVERY if words[: len(name.split())] == name.split()]
    name = max(found, key=len)
    return name, {parameter.name or "" for parameter in EVERY[name].params}


def _files(folder: Path, url: str) -> dict[str, str]:
    """Every file that a line names; and what lines say of them."""
    authority, login = Authority("somebody"), Login()
    certificate, key = authority.client()
    texts = {
        "ca.pem": authority.certificate,
        "cert.pem": certificate,
        "key.pem": key,
        "ssh.key": login.private,
        "secret": b"s" * 40,
        "api.key": KEYS["anna"].encode(),
        "hosts.txt": b"south tls south.example.org cluster=default\n",
        "server.toml": b'log_level = "warning"\n',
        "cases.jsonl": CASE.encode(),
        "policy.yaml": b"policy:\n  unknown_vms: leave\n",
        "story.txt": STORY,
    }
    recording(folder / "recording.jsonl.gz", [pass_over(lookalike())] * 2)
    for name, text in texts.items():
        (folder / name).write_bytes(text)
        (folder / name).chmod(0o600)
    config = folder / "vmuster"
    config.mkdir()
    context = f'[contexts.home]\nurl = "{url}"\nkey = "{KEYS["anna"]}"\n'
    (config / "contexts.toml").write_text(context, encoding="utf-8")
    (config / "contexts.toml").chmod(0o600)
    return {"{host_key}": login.public, "{fingerprint}": "ab" * 32}


STORY: Final = (
    b"# a host is there\n\n       host alpha\n  10s  expect host alpha is up\n  11s  end\n"
)
CASE: Final = json.dumps(
    {
        "case": "one",
        "report": {
            "host": "h",
            "complete": True,
            "vms": [
                {
                    "uuid": "00000000-0000-4000-8000-000000000001",
                    "name": "web-01",
                    "power": "running",
                    "mark": "none",
                }
            ],
        },
    }
)
