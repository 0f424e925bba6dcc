"""One request and its answer over HTTP: errors in words, and what was in vain asked for again.

A connection that breaks after a request was sent leaves open whether it was taken in. What may be
sent twice without harm (a question, or a request with an idempotency key, which every POST has) is
sent again until the server has had time to start anew; everything else is left to a person, who is
told so. A server
that has too much to do says when to come again, and is heeded: what it answers so with status 429
was not taken in.
"""

import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from uuid import uuid4  # noqa: TID251 - a key that nobody else has

import httpx2
import msgspec

from vmuster.client.errors import ClientError, Rehearsed
from vmuster.client.profile import Profile
from vmuster.client.trust import trust, untrusted

Answer = dict[str, Any]
"""One object of the API; its fields are described in the server's OpenAPI document."""

PATIENCE_SECONDS: Final = 30.0
"""For an answer, beyond the time that a request asks the server to wait."""
_PAUSES: Final = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Before each repetition, in seconds: together longer than a restart of the server takes."""
_WAITS_SECONDS_MAX: Final = 60.0
"""For a server that says when to come again, all its times together."""
_TOO_MANY, _NOT_NOW, _UNDER_WAY = 429, 503, 409
_KEY: Final = "Idempotency-Key"
_LOOK: Final = "what was asked for may have been taken in: look before asking again"
_SPEAKS_TLS: Final = f"if it speaks TLS, say https://; else {_LOOK}"
_QUESTIONS: Final = frozenset({"preview", "host-keys"})
"""What is posted and changes nothing: there is nothing to rehearse about it."""
_OF_OTHERS: Final = frozenset({"host-keys"})
"""Where "not now" is said of another machine: it is not the server that has much to do."""


def in_silence(_seconds: float) -> None:
    """Tells nobody that the server is waited for."""


class Line:
    """A line to one server. `patience`: seconds for an answer. `dry_run`: what would change
    something is only rehearsed. `waiting` is told how long, before a server is waited for that
    asked for it."""

    def __init__(
        self,
        profile: Profile,
        *,
        patience: float = PATIENCE_SECONDS,
        dry_run: bool = False,
        waiting: Callable[[float], None] = in_silence,
    ) -> None:
        self._waiting = waiting
        self._profile = profile
        self._url = profile.url
        self._dry_run = dry_run
        self._patience = patience
        try:
            self._http = httpx2.Client(
                base_url=f"{profile.url}/api/v1/",
                headers={"Authorization": f"Bearer {profile.key}"},
                timeout=patience,
                trust_env=not profile.on_this_machine,
                verify=trust(profile),
            )
        except httpx2.InvalidURL as error:
            raise ClientError(
                f"{profile.url} is no url", detail=str(error), hint="say one with --url"
            ) from error

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def ask(
        self,
        method: str,
        path: str,
        *,
        wait_seconds: float = 0,
        params: Mapping[str, Any] | None = None,
        json: Answer | None = None,
        key: str = "",
    ) -> Answer:
        """The answer to one request; `key` makes repeated requests one. Raises `ClientError`.

        A POST without a key has one made for it, so that it can be sent again where its answer was
        lost; where the server says "not now", that is the answer to it.
        """
        asks = method == "GET" or path.partition("?")[0] in _QUESTIONS
        patient = asks or bool(key)
        if method == "POST" and not asks:
            key = key or str(uuid4())
        wait = {"wait": wait_seconds} if wait_seconds else {}
        rehearsed = self._dry_run and not asks
        if rehearsed:
            params = {**(params or {}), "dry_run": True}
        request = self._http.build_request(
            method,
            _with(path, {**(params or {}), **wait}),
            json=json,
            headers={_KEY: key} if key else {},
            timeout=self._patience + wait_seconds,
        )
        pauses = _PAUSES if patient or bool(key) or rehearsed else ()
        heeding = patient and path.partition("?")[0] not in _OF_OTHERS
        answer = _answer(self._heeded(request, pauses, patient=heeding))
        if rehearsed:
            raise Rehearsed(answer)
        return answer

    def fetch(self, path: str) -> bytes:
        """What lies at `path`, as it is. Raises `ClientError`."""
        response = self._heeded(self._http.build_request("GET", path), _PAUSES, patient=True)
        if not response.is_success:
            _answer(response)
        return response.content

    @contextmanager
    def follow(
        self, path: str, *, params: Mapping[str, Any], seen: str, silence_seconds: float
    ) -> Generator[httpx2.EventSource]:
        """The events at `path`, as they come: those after the id `seen`, where it says one.

        Raises `ClientError` for a refusal, and `httpx2.TransportError` where the line breaks, or
        nothing comes for `silence_seconds`.
        """
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": seen} if seen else {})
        timeout = httpx2.Timeout(self._patience, read=silence_seconds)
        with self._http.stream(
            "GET", path, params=dict(params), headers=headers, timeout=timeout
        ) as response:
            if not response.is_success:
                response.read()
                _answer(response)
            yield httpx2.EventSource(response)

    def _heeded(
        self, request: httpx2.Request, pauses: tuple[float, ...], *, patient: bool
    ) -> httpx2.Response:
        """The response; where the server asks to come again later, that to a repetition."""
        left = _WAITS_SECONDS_MAX
        while True:
            response = self._sent(request, pauses)
            wait = _time_to_wait(response, patient=patient)
            if not wait or wait > left:
                return response
            left -= wait
            self._waiting(wait)
            time.sleep(wait)  # noqa: TID251 - a client blocks its own caller only

    def _sent(self, request: httpx2.Request, pauses: tuple[float, ...]) -> httpx2.Response:
        """The response; where the connection broke, that to a repetition after one of `pauses`.

        A server that is silent for longer than our patience is not asked again: it hangs.
        """
        try:
            return self._http.send(request)
        except httpx2.ConnectError as error:
            raise untrusted(self._profile, error) or self._nobody() from error
        except httpx2.TransportError as error:
            lost = error
        for pause in pauses:
            if isinstance(lost, httpx2.TimeoutException):
                break
            time.sleep(pause)  # noqa: TID251 - a client blocks its own caller only
            try:
                return self._http.send(request)
            except httpx2.TransportError as error:
                lost = error
        raise self._lost(lost) from lost

    def _nobody(self) -> ClientError:
        found_in = self._profile.found_in
        correct = f", and correct it in {found_in} if it is another now" if found_in else ""
        return ClientError(
            f"no server answers at {self._url}",
            hint=f"start it with 'vmuster serve' (just started, it needs a moment: 'vmuster status"
            f" --wait'), or say where it is with --url{correct}",
        )

    def _lost(self, error: Exception) -> ClientError:
        return ClientError(
            f"the server at {self._url} gave no answer",
            detail=str(error),
            hint=_SPEAKS_TLS
            if self._url.startswith("http://") and isinstance(error, httpx2.RemoteProtocolError)
            else _LOOK,
        )


def _with(path: str, params: Mapping[str, Any]) -> httpx2.URL:
    """`path`, whose own query stays, and `params`, which count where both say something."""
    url = httpx2.URL(path)
    return url.copy_merge_params(params) if params else url


def _time_to_wait(response: httpx2.Response, *, patient: bool) -> float:
    """The seconds after which to ask again, by the server's word; 0: that may not be, or is not
    said."""
    told, status = response.headers.get("retry-after", ""), response.status_code
    again = status in (_TOO_MANY, _UNDER_WAY) or (patient and status == _NOT_NOW)
    return max(1.0, float(told)) if again and told.isascii() and told.isdecimal() else 0.0


def _answer(response: httpx2.Response) -> Answer:
    try:
        answer = msgspec.json.decode(response.content, type=Answer)
    except msgspec.MsgspecError as error:
        raise ClientError(
            "the answer is not vmuster's",
            detail=f"status {response.status_code}",
            hint="is the url that of a vmuster server? It was said by --url, by VMUSTER_URL, or in"
            " the file of a context: see 'vmuster context show'",
            status=response.status_code,
        ) from error
    if response.is_success:
        return answer
    raise ClientError(
        str(answer.get("title", "refused")),
        detail=str(answer.get("detail", "")),
        hint=str(answer.get("hint", "")),
        status=response.status_code,
    )
