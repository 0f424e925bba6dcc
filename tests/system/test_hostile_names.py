"""Whatever a VM is called, and whatever a person or a host says: no text gets out as a deed.

Three hundred VMs bear the worst names there are (T10, T17). They are shown by every answer, every
form of every list, the log, the metrics, the stream of events and the posts of webhooks; none of
their characters moves a cursor, hides, reorders or breaks a line.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Generator
from typing import Any, Final

import httpx2
import pytest
import yaml
from click.testing import CliRunner, Result

from tests.hostile import NAMES, SURROGATES, unsafe
from tests.served import KEYS
from tests.system.hostile_scene import HALVES, WORST, Scene, hostile_scene
from vmuster.cli.main import cli
from vmuster.model.text import bounded, visible

FORMS: Final = ("table", "wide", "json", "yaml", "csv", "name")
PAIR: Final = re.compile(r'([a-z_]+)=("(?:[^"\\]|\\.)*"|[^" ]+)(?: |$)')
Run = Callable[..., Result]


@pytest.fixture(scope="module")
def scene() -> Generator[Scene]:
    with hostile_scene() as scene:
        yield scene


@pytest.fixture
def run(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command as anna; what it says is safe, whatever it was."""
    monkeypatch.setenv("VMUSTER_URL", scene.world.url)
    monkeypatch.setenv("VMUSTER_API_KEY", KEYS["anna"])

    def run(*words: str) -> Result:
        result = CliRunner().invoke(cli, list(words), prog_name="vmuster")
        assert unsafe(result.stdout + result.stderr) == set()
        return result

    return run


def test_there_are_as_many_as_were_promised() -> None:
    assert len(NAMES) == len({bounded(name) for name in NAMES}) == 300
    assert len(WORST) > 80


@pytest.mark.parametrize(
    "path",
    [
        "vms?limit=1000",
        "hosts",
        "operations",
        "journal?limit=1000",
        "status",
        "fleet",
        "quarantine",
    ],
)
def test_an_answer_is_one_line_of_json_and_says_the_very_names(scene: Scene, path: str) -> None:
    headers = {"Authorization": f"Bearer {KEYS['anna']}"}
    answer = httpx2.get(f"{scene.world.url}/api/v1/{path}", headers=headers, timeout=20)
    assert answer.status_code == 200
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-type"] == "application/json"
    assert not re.search(r"[\x00-\x1f]", answer.text)
    if path.startswith("vms"):
        told = {item["uuid"]: item["name"] for item in answer.json()["items"]}
        assert told == {str(vm): bounded(name) for vm, name in scene.vms.items()}


def test_each_is_shown_explained_and_found_by_its_own_name(scene: Scene) -> None:
    client = scene.world.client()
    for vm, name in scene.vms.items():
        assert client.vm(str(vm))["name"] == bounded(name)
        assert [found["uuid"] for found in client.vms(name=bounded(name))] == [str(vm)]


@pytest.mark.parametrize("form", FORMS)
def test_a_list_has_one_row_for_each_vm(scene: Scene, run: Run, form: str) -> None:
    result = run("vm", "list", "-o", form)
    assert result.exit_code == 0
    shown = sorted(visible(bounded(name)) for name in scene.vms.values())
    if form in ("json", "yaml"):
        items: list[dict[str, Any]] = (
            json.loads(result.stdout) if form == "json" else yaml.safe_load(result.stdout)
        )
        assert result.stdout.isascii()
        assert {item["uuid"]: item["name"] for item in items} == {
            str(vm): bounded(name) for vm, name in scene.vms.items()
        }
    elif form == "csv":
        rows = list(csv.DictReader(io.StringIO(result.stdout)))
        assert len(rows) == len(scene.vms)
        assert sorted(row["NAME"].removeprefix("'") for row in rows) == sorted(
            name.removeprefix("'") for name in shown
        )
        assert not any(row["NAME"].startswith(("=", "+", "-", "@")) for row in rows)
    else:
        lines = result.stdout.splitlines()
        assert len(lines) == len(scene.vms) + (form != "name")
        if form == "name":
            assert sorted(lines) == shown


COMMANDS: Final = (
    *("status", "journal -n 1000", "journal --kind audit", "host list", "host show gamma"),
    *("operation list", "plan", "fleet show", "quarantine show", "cluster show default"),
)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("words", COMMANDS)
def test_no_command_lets_anything_out(run: Run, words: str, form: str) -> None:
    result = run(*words.split(), "-o", form)
    if form == "csv" and result.exit_code == 2:
        assert "has no rows" in result.stderr
        return
    assert result.exit_code == 0, result.stderr
    if form in ("json", "yaml"):
        assert result.stdout.isascii()
        assert yaml.safe_load(result.stdout) is not None


def test_one_of_each_name_is_explained_and_shown(scene: Scene, run: Run) -> None:
    for vm in list(scene.vms)[::20]:
        for words in (("vm", "explain"), ("vm", "show"), ("vm", "explain", "--why")):
            result = run(*words, str(vm))
            assert result.exit_code == 0, result.stderr
            assert visible(bounded(scene.vms[vm])) in result.stdout or "--why" in words
    assert run("api", "GET", "/vms?limit=1000").exit_code == 0


def test_what_a_host_says_and_why_is_shown_in_a_visible_form(scene: Scene, run: Run) -> None:
    assert "\\x1b" in scene.gamma.trouble
    assert unsafe(scene.gamma.trouble, but="") == set()
    assert "\\x1b" in run("host", "show", "gamma").stdout
    assert "\\x1b" in run("journal", "--kind", "audit").stdout


@pytest.mark.parametrize("form", ["json", "pairs"])
def test_one_event_of_the_log_is_one_line_that_parses_back(scene: Scene, form: str) -> None:
    *lines, last = scene.logs[form]
    assert last == ""
    assert unsafe("\n".join(lines)) == set()
    events = [_event(line, form) for line in lines]
    assert all({"timestamp", "level", "event"} <= event.keys() for event in events)
    told = {event.get("name") for event in events}
    names = next(names for as_, names in HALVES.values() if as_ == form)
    assert {visible(bounded(name)) for name in names} <= told


def _event(line: str, form: str) -> dict[str, Any]:
    if form == "json":
        return json.loads(line)
    assert PAIR.sub("", line) == ""
    return {
        key: json.loads(value) if value.startswith('"') else value
        for key, value in PAIR.findall(line)
    }


def test_no_name_becomes_a_label_of_a_metric(scene: Scene) -> None:
    told = httpx2.get(f"{scene.world.url}/metrics", timeout=20).text
    assert unsafe(told) == set()
    labels = set(re.findall(r'="((?:[^"\\]|\\.)*)"', told))
    assert labels.isdisjoint({bounded(name) for name in NAMES} - {"alpha", "0", "."})


def test_an_event_of_the_stream_is_one_event(scene: Scene) -> None:
    """For every reader: also one that takes more for the end of a line than the standard does."""
    written = {entry["id"]: entry for entry in scene.world.client().journal(limit=1000)}
    headers = {"Authorization": f"Bearer {KEYS['anna']}", "Last-Event-ID": "0"}
    heard, fields = dict[int, Any](), dict[str, str]()
    url = f"{scene.world.url}/api/v1/events"
    with httpx2.stream("GET", url, headers=headers, timeout=20) as stream:
        for line in stream.iter_lines():
            if line:
                name, _, value = line.partition(": ")
                assert name in {"id", "event", "data", "retry"} - fields.keys()
                fields[name] = value
                continue
            if "data" in fields:
                heard[int(fields["id"])] = json.loads(fields["data"])
            fields.clear()
            if written.keys() <= heard.keys():
                break
    assert {id_: heard[id_] for id_ in written} == written


def test_a_post_of_a_webhook_says_the_very_text(scene: Scene) -> None:
    poster = scene.world.fleet.poster

    async def all_posted() -> bool:
        return len({post.id for post in poster.posts}) >= 300

    scene.world.run(scene.world.fleet.until(all_posted))
    names = set[str]()
    for post in poster.posts:
        assert not re.search(rb"[\x00-\x1f]", post.body)
        assert unsafe("".join([*post.headers, *post.headers.values()]), but="") == set()
        names.add(json.loads(post.body).get("name", ""))
    assert {bounded(name) for name in NAMES} <= names


def test_what_people_name_themselves_is_refused_where_it_could_do_harm(scene: Scene) -> None:
    headers = {"Authorization": f"Bearer {KEYS['anna']}"}
    url, path = scene.world.url, "/api/v1/"
    with httpx2.Client(base_url=url + path, headers=headers, timeout=20) as http:
        for name in [*filter(unsafe, NAMES), *SURROGATES]:
            said = json.dumps({"name": name})
            for group in ("clusters", "api-keys"):
                head = {"Content-Type": "application/json"}
                answer = http.post(group, content=said, headers=head)
                assert answer.status_code in (409, 413, 422), (name, answer.text)
                assert unsafe(answer.text, but="") == set()
        for text in SURROGATES:
            body = json.dumps({"scope": "fleet", "armed": False, "why": text})
            answer = http.put(
                "automation", content=body, headers={"Content-Type": "application/json"}
            )
            assert answer.status_code in (200, 409, 422)
