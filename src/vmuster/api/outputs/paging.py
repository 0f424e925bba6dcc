"""Lists, a page at a time: how much is asked for, where it goes on, and what is answered.

`{"items": [...], "next": "..."}`; `next` is the cursor of the next page, null on the last one. With
`?count=true` a list that can be counted cheaply also has `total`.
"""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from fastapi import Depends, Query
from starlette.requests import Request

from vmuster.api.inputs.cursors import CHARACTERS_MAX, cursor_of, place_in, question_of
from vmuster.api.outputs.answers import Answer, answer
from vmuster.model.host import Cluster, Host
from vmuster.model.keys import ApiKey, Credential
from vmuster.model.operations import Operation
from vmuster.model.rows import row_place
from vmuster.model.webhooks import Webhook
from vmuster.ports.store import Row, Store

_T = TypeVar("_T")
_Place = TypeVar("_Place", bound=tuple[Any, ...])
DEFAULT: Final = 100
_NO_FILTER: Final = frozenset({"limit", "cursor", "count"})


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """The page that is asked for. `filters`: the rest of the query."""

    limit: int
    cursor: str
    path: str
    filters: tuple[tuple[str, str], ...]

    def after(self, kind: type[_Place]) -> _Place | None:
        """The place after which it begins; None for the first page."""
        return place_in(self.cursor, self._question, kind) if self.cursor else None

    def answer(
        self,
        items: Sequence[object],
        last: tuple[Any, ...] | None,
        *,
        total: int | None = None,
    ) -> Answer:
        """The page as a response. `last`: the place where it ends; None where nothing follows."""
        following = None if last is None else cursor_of(self._question, last)
        said: dict[str, object] = {"items": items, "next": following}
        if total is not None:
            said["total"] = total
        return answer(said, headers=None if following is None else self._link(following))

    @property
    def _question(self) -> str:
        return question_of(self.path, self.filters)

    def _link(self, following: str) -> dict[str, str]:
        query = urlencode([*self.filters, ("limit", self.limit), ("cursor", following)])
        return {"Link": f'<{self.path}?{query}>; rel="next"'}


async def _page(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=1000, description="at most so many")] = DEFAULT,
    cursor: Annotated[
        str, Query(max_length=CHARACTERS_MAX, description="`next` of the page before this one")
    ] = "",
) -> Page:
    said = request.query_params.multi_items()
    return Page(
        limit=limit,
        cursor=cursor,
        path=request.url.path,
        filters=tuple((name, value) for name, value in said if name not in _NO_FILTER),
    )


Paged = Annotated[Page, Depends(_page)]
Count = Annotated[bool, Query(description="also how many there are on all pages, as `total`")]


class _Order(msgspec.Struct, frozen=True, kw_only=True):
    """What a place in the order of a kind of row is (`model.rows`). `by`: a field of few values, to
    count by."""

    place: Any
    by: str


_ORDERS: Final[dict[type[msgspec.Struct], _Order]] = {
    Host: _Order(place=tuple[str], by="mode"),
    Cluster: _Order(place=tuple[str], by="name"),
    Credential: _Order(place=tuple[str], by="kind"),
    ApiKey: _Order(place=tuple[str], by="scope"),
    Webhook: _Order(place=tuple[str], by="name"),
    Operation: _Order(place=tuple[float, UUID], by="state"),
}


async def answer_rows(
    store: Store,
    kind: type[Row],
    page: Page,
    /,
    *,
    newest_first: bool = False,
    form: Callable[[Row], object] | None = None,
    count: bool = False,
    **equal: Any,
) -> Answer:
    """A page of the rows of `kind` whose fields equal the given values, as `form` shows them.

    What is None or empty does not choose.
    """
    order = _ORDERS[kind]
    chosen = {field: value for field, value in equal.items() if value not in (None, "", ())}
    rows = await store.find(
        kind,
        limit=page.limit + 1,
        newest_first=newest_first,
        after=page.after(order.place) or (),
        readable=True,
        **chosen,
    )
    total = sum((await store.count(kind, order.by, **chosen)).values()) if count else None
    shown = rows[: page.limit]
    return page.answer(
        shown if form is None else [form(row) for row in shown],
        last_of(rows, page, row_place),
        total=total,
    )


def answer_sorted(
    values: Sequence[_T],
    page: Page,
    place: Callable[[_T], _Place],
    kind: type[_Place],
    *,
    count: bool = False,
) -> Answer:
    """A page of `values`, of which there are few, in the order of their places."""
    after = page.after(kind)
    ordered = sorted(values, key=place)
    later = [value for value in ordered if after is None or place(value) > after]
    total = len(values) if count else None
    return page.answer(later[: page.limit], last_of(later, page, place), total=total)


def last_of(
    values: Sequence[_T], page: Page, place: Callable[[_T], tuple[Any, ...]]
) -> tuple[Any, ...] | None:
    """The place of the last value that the page has room for; None where it has room for all."""
    return place(values[page.limit - 1]) if len(values) > page.limit else None
