"""A stage without hypervisors and server: what vmuster answers is what a test says."""

import io
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from uuid import UUID

from vmuster.demo.narrator import Narrator
from vmuster.demo.scene import Scene

S = TypeVar("S", bound=Scene)


class Host:
    """A host whose guests run as soon as they are defined. It notes what its daemon is told."""

    def __init__(self) -> None:
        self.signals: list[str] = []

    def define(self, _name: str, _uuid: UUID, _behaviour: object) -> "Host":
        return self

    def create(self) -> None:
        """A guest starts."""

    def guest_pids(self) -> dict[UUID, int]:
        return {}

    def freeze_daemon(self) -> None:
        self.signals.append("freeze")

    def thaw_daemon(self) -> None:
        self.signals.append("thaw")


class Operator:
    """Answers each command by its first two words; a callable is asked anew each time."""

    def __init__(self, narrator: Narrator, answers: Mapping[tuple[str, str], Any]) -> None:
        self.narrator = narrator
        self.answers = answers

    def types(self, *words: str, rows: list[str] | None = None) -> str:
        del rows
        self.narrator.command(list(words))
        return ""

    def asks(self, *words: str) -> Any:
        answer = self.answers[words[0], words[1]]
        return answer() if callable(answer) else answer

    def until(self, what: str, condition: Callable[[], Any]) -> Any:
        found = condition()
        assert found, what
        return found


def set_stage(
    kind: type[S], answers: Mapping[tuple[str, str], Any]
) -> tuple[S, dict[str, Host], io.StringIO]:
    """Steps of the story on that stage, its hosts, and what is said there."""
    hosts = {name: Host() for name in ("alpha", "beta", "gamma")}
    said = io.StringIO()
    narrator = Narrator(said)
    stage: Any = (narrator, hosts, Operator(narrator, answers), None)
    return kind(*stage), hosts, said
