"""Tags: whether what a person has read is still so when they change it (`ETag`, `If-Match`).

A tag is a digest of what people set of a thing, and of nothing that reports change: whoever read a
host an hour ago may still set its mode, unless somebody else has.
"""

import hashlib
from collections.abc import Mapping
from typing import Annotated, Final

import msgspec
from fastapi import Depends, Header

from vmuster.api.outputs.answers import Answer, answer
from vmuster.api.outputs.problems import Problem, ProblemError
from vmuster.model.host import Cluster, Fleet, Host
from vmuster.server.requests.amending import Expected

Tagged = Host | Cluster | Fleet
_SET_BY_PEOPLE: Final[dict[type[msgspec.Struct], tuple[str, ...]]] = {
    Host: ("id", "name", "cluster", "profile", "mode", "accepted", "disarmed"),
    Cluster: ("name", "policy", "grant", "disarmed"),
    Fleet: ("id", "policy", "key", "disarmed"),
}
_DIGITS: Final = 32
_HEADER_CHARACTERS_MAX: Final = 1000


def tag_of(thing: Tagged) -> str:
    """The tag of `thing`, as it stands in `ETag` and `If-Match`, in its quotes."""
    said = [getattr(thing, field) for field in _SET_BY_PEOPLE[type(thing)]]
    digest = hashlib.sha256(msgspec.json.encode(said)).hexdigest()
    return f'"{digest[:_DIGITS]}"'


def answer_tagged(
    thing: Tagged, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Answer:
    """`thing` as a response, with its tag."""
    return answer(thing, status=status, headers={**(headers or {}), "ETag": tag_of(thing)})


async def _if_match(
    if_match: Annotated[
        str,
        Header(
            alias="If-Match",
            max_length=_HEADER_CHARACTERS_MAX,
            description="change it only if its `ETag` is still this one, or one of these",
        ),
    ] = "",
) -> Expected:
    """What refuses a row that has another tag than those in the header; any, where there is none.

    It is asked about the very row that is guarded by the commit, so that nobody gets in between.
    """
    tags = {tag.strip() for tag in if_match.split(",")}

    def expected(row: Tagged) -> None:
        if if_match and tags.isdisjoint({"*", tag_of(row)}):
            raise ProblemError(_STALE)

    return expected


IfMatch = Annotated[Expected, Depends(_if_match)]
"""Raises 412 for a row that has changed since it was read."""

_STALE: Final = Problem(
    kind="stale",
    title="It has changed",
    status=412,
    detail="somebody has changed it since you read it: If-Match names an older tag",
    hint="read it again, and send the ETag that it has now; nothing was done",
)
