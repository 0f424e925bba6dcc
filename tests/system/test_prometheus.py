"""A real Prometheus, which scrapes real servers: without a key here, with one from elsewhere."""

import shutil
import socket
import subprocess
import threading
import time
import tomllib
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest
import yaml

from tests.addresses import own_address
from tests.served import Served, served
from tests.served_process import ServedProcess, serving
from tests.tidy.tree import ROOT
from tools import dashboard
from vmuster.model.states import OperationKind

DEADLINE: Final = 60.0
SHIPPED: Final = ROOT / "packaging" / "prometheus"
EMPTY: Final = (
    "vmuster_vms_unseen",
    "vmuster_hosts_refused",
    "vmuster_alerts_total",
    'health!="up"',
    'code=~"408',
    "vmuster_api_key_expiry",
)
"""What is not there, and rightly so, while all is well."""


def key_of(server: ServedProcess) -> str:
    return tomllib.loads((server.state / "client.toml").read_text())["key"]


def test_from_elsewhere_it_takes_a_key(tmp_path: Path) -> None:
    with serving(tmp_path, "--host", own_address()) as server:
        assert server.url
        assert server.get("/metrics").status_code == 401
        answer = server.get("/metrics", key=key_of(server))
        assert answer.status_code == 200
        assert 'vmuster_database_size_bytes{file="database"}' in answer.text
        assert "vmuster_certificate_expiry_timestamp_seconds" in answer.text


def test_on_the_machine_itself_it_takes_none(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        answer = server.get("/metrics")
        assert answer.status_code == 200
        assert 'vmuster_database_commits_total{outcome="written"}' in answer.text


class Prometheus:
    """One that runs, and what is asked of it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def ask(self, path: str, **words: str) -> Any:
        """The data of an answer; None where there is none yet."""
        try:
            answer = httpx2.get(f"{self.url}/api/v1/{path}", params=words, timeout=DEADLINE)
        except httpx2.TransportError:
            return None
        if answer.status_code == 503:
            return None
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def query(self, expression: str) -> list[dict[str, Any]]:
        """What an expression gives now."""
        data = self.ask("query", query=expression)
        return [] if data is None else data["result"]

    def judged(self) -> bool:
        """Whether each of the shipped rules was judged, and none with an error."""
        (group,) = self.ask("rules")["groups"]
        healths = {rule["name"]: rule["health"] for rule in group["rules"]}
        assert "err" not in healths.values(), healths
        return len(healths) > 25 and set(healths.values()) == {"ok"}


def until(found: Callable[[], Any], what: str) -> Any:
    end = time.monotonic() + DEADLINE
    while not (value := found()):
        assert time.monotonic() < end, what
        threading.Event().wait(0.2)
    return value


def jobs(far: ServedProcess, near: Served) -> list[dict[str, Any]]:
    """The job of the example, made for a server; and one for a server of this machine."""
    example = yaml.safe_load((SHIPPED / "prometheus.yml").read_text())
    (job,) = example["scrape_configs"]
    shown = {**job, "job_name": "far", "scrape_interval": "1s"}
    shown["static_configs"] = [{"targets": [far.url.removeprefix("https://")]}]
    here = {"job_name": "vmuster", "scrape_interval": "1s"}
    return [shown, here | {"static_configs": [{"targets": [near.url.removeprefix("http://")]}]}]


@contextmanager
def prometheus(folder: Path, scrapes: list[dict[str, Any]]) -> Generator[Prometheus]:
    """A Prometheus with the shipped rules; it is gone after."""
    program = shutil.which("prometheus")
    assert program is not None, "apt-get install prometheus"
    rules = str(SHIPPED / "vmuster.rules.yml")
    config = {"global": {"evaluation_interval": "1s"}, "rule_files": [rules]}
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config | {"scrape_configs": scrapes}))
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    words = ["--config.file=prometheus.yml", "--storage.tsdb.path=data"]
    with (folder / "prometheus.log").open("w") as log:
        process = subprocess.Popen(
            [program, *words, f"--web.listen-address={address}"], cwd=folder, stderr=log
        )
        try:
            yield Prometheus(f"http://{address}")
        finally:
            process.kill()
            process.wait(DEADLINE)


def asked_now(expression: str) -> str:
    """An expression of the dashboard as Grafana would ask it, of every instance."""
    chosen = expression.replace("$job", ".+").replace("$instance", ".+")
    return chosen.replace("$__rate_interval", "1m")


@pytest.mark.slow
def test_a_real_prometheus_scrapes_asks_and_has_nothing_to_alert(tmp_path: Path) -> None:
    folder, state = tmp_path / "prometheus", tmp_path / "state"
    folder.mkdir()
    state.mkdir(mode=0o700)
    with served("alpha") as near, serving(state, "--host", own_address()) as far:
        scrapes = jobs(far, near)
        (folder / "vmuster.key").write_text(key_of(far) + "\n")
        shutil.copy(state / "tls" / "ca.crt", folder / "ca.crt")
        with prometheus(folder, scrapes) as watching:
            until(lambda: len(watching.query("up == 1")) == 2, "both are scraped")
            vm = near.ours(near.add_host("alpha"), "web-01")
            near.run(near.fleet.power(OperationKind.STOP, vm))
            for asked in map(asked_now, dashboard.expressions()):
                if not any(each in asked for each in EMPTY):
                    until(lambda asked=asked: watching.query(asked), asked)
                assert all(each["value"] for each in watching.query(asked))
            until(watching.judged, "every rule is judged")
            assert watching.query('ALERTS{alertstate="firing"}') == []
