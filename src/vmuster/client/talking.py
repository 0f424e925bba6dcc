"""One request and its answer over HTTP: errors in words, and a lost answer asked for again.

A connection that breaks after a request was sent leaves open whether it was taken in. What may be
sent twice without harm (a question, or a request with an idempotency key) is sent again until the
server has had time to start anew; everything else is left to a person, who is told so.
"""

import time
from collections.abc import Mapping
from typing import Any, Final

import httpx2
import msgspec

from vmuster.client.errors import ClientError
from vmuster.client.profile import Profile

Answer = dict[str, Any]
"""One object of the API; its fields are described in the server's OpenAPI document."""

PATIENCE_SECONDS: Final = 30.0
"""For an answer, beyond the time that a request asks the server to wait."""
_PAUSES: Final = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Before each repetition, in seconds: together longer than a restart of the server takes."""
_KEY: Final = "Idempotency-Key"


class Line:
    """A line to one server. `patience`: seconds for an answer."""

    def __init__(self, profile: Profile, *, patience: float = PATIENCE_SECONDS) -> None:
        self._url = profile.url
        self._patience = patience
        try:
            self._http = httpx2.Client(
                base_url=f"{profile.url}/api/v1/",
                headers={"Authorization": f"Bearer {profile.key}"},
                timeout=patience,
                trust_env=not profile.on_this_machine,
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
        """The answer to one request; `key` makes repeated requests one. Raises `ClientError`."""
        wait = {"wait": wait_seconds} if wait_seconds else {}
        request = self._http.build_request(
            method,
            path,
            params={**(params or {}), **wait},
            json=json,
            headers={_KEY: key} if key else {},
            timeout=self._patience + wait_seconds,
        )
        repeatable = method == "GET" or bool(key)
        return _answer(self._sent(request, _PAUSES if repeatable else ()))

    def _sent(self, request: httpx2.Request, pauses: tuple[float, ...]) -> httpx2.Response:
        """The response; where the connection broke, that to a repetition after one of `pauses`.

        A server that is silent for longer than our patience is not asked again: it hangs.
        """
        try:
            return self._http.send(request)
        except httpx2.ConnectError as error:
            raise self._nobody() from error
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
        return ClientError(
            f"no server answers at {self._url}",
            hint="start it with 'vmuster serve', or say where it is with --url; a client.toml keeps"
            " the url of the first start, and is to be corrected where that has changed",
        )

    def _lost(self, error: Exception) -> ClientError:
        return ClientError(
            f"the server at {self._url} gave no answer",
            detail=str(error),
            hint="what was asked for may have been taken in: look before asking again",
        )


def _answer(response: httpx2.Response) -> Answer:
    try:
        answer = msgspec.json.decode(response.content, type=Answer)
    except msgspec.MsgspecError as error:
        raise ClientError(
            "the answer is not vmuster's",
            detail=f"status {response.status_code}",
            hint="is the url that of a vmuster server?",
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
