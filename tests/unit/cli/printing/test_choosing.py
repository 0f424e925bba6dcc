"""Which things are printed, in which order, with which columns."""

import click
import pytest

from vmuster.cli.printing.choosing import chosen, chosen_columns, fields_of, filter_of
from vmuster.cli.printing.forms import Column, Form, Item, Output, Shape

SHAPE = Shape(
    "name",
    (
        Column("NAME", lambda item: item["name"]),
        Column("LAST SEEN", lambda item: f"{item['age']} s", order=lambda item: item["age"]),
        Column("PORT", lambda item: item["profile"].get("port"), wide=True),
        Column("HEALTH", lambda item: f"{item['health']} (1 min)"),
    ),
)
ITEMS: list[Item] = [
    {"name": "Beta", "age": 9, "profile": {"kind": "ssh", "port": 22}, "health": "up"},
    {"name": "alpha", "age": 100, "profile": {"kind": "tls"}, "health": "suspect"},
    {"name": "gamma", "age": 20, "profile": {"kind": "ssh", "port": 1022}, "health": "up"},
]


def names(*, sort: tuple[str, ...] = (), filters: tuple[str, ...] = ()) -> str:
    out = Output(sort=sort, filters=tuple(map(filter_of, filters)))
    return " ".join(item["name"] for item in chosen(ITEMS, SHAPE, out))


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ((), "Beta alpha gamma"),
        (("name",), "alpha Beta gamma"),
        (("-name",), "gamma Beta alpha"),
        (("last-seen",), "Beta gamma alpha"),
        (("-LAST SEEN",), "alpha gamma Beta"),
        (("port",), "Beta gamma alpha"),
        (("-port",), "gamma Beta alpha"),
        (("profile.kind", "-name"), "gamma Beta alpha"),
    ],
)
def test_things_are_sorted_and_what_has_nothing_comes_last(
    sort: tuple[str, ...], order: str
) -> None:
    assert names(sort=sort) == order


@pytest.mark.parametrize(
    ("filters", "kept"),
    [
        (("name=alpha",), "alpha"),
        (("name=Alpha",), ""),
        (("name!=alpha",), "Beta gamma"),
        (("name~A",), "Beta alpha gamma"),
        (("name~AL",), "alpha"),
        (("health=up",), "Beta gamma"),
        (("health=up (1 min)",), "Beta gamma"),
        (("health!=up",), "alpha"),
        (("profile.kind=ssh", "age=20"), "gamma"),
        (("port=",), "alpha"),
        (("name=a=b",), ""),
    ],
)
def test_things_are_filtered_by_what_is_shown_and_what_it_is_made_of(
    filters: tuple[str, ...], kept: str
) -> None:
    assert names(filters=filters) == kept


@pytest.mark.parametrize("said", ["name", "=x", "", "!x"])
def test_what_is_no_filter_is_refused(said: str) -> None:
    with pytest.raises(click.BadParameter, match="NAME=TEXT"):
        filter_of(said)


def titles(out: Output, items: list[Item] = ITEMS) -> list[str]:
    return [column.title for column in chosen_columns(items, SHAPE, out)]


def test_a_table_has_the_columns_that_there_is_room_for() -> None:
    assert titles(Output()) == ["NAME", "LAST SEEN", "HEALTH"]
    assert titles(Output(form=Form.WIDE)) == ["NAME", "LAST SEEN", "PORT", "HEALTH"]
    assert titles(Output(form=Form.CSV)) == ["NAME", "LAST SEEN", "PORT", "HEALTH"]


def test_columns_are_chosen_by_title_or_field() -> None:
    out = Output(columns=("profile.kind", "last_seen", "Port"))
    columns = chosen_columns(ITEMS, SHAPE, out)
    assert [column.title for column in columns] == ["PROFILE.KIND", "LAST SEEN", "PORT"]
    assert [column.text(ITEMS[1]) for column in columns] == ["tls", "100 s", ""]
    assert titles(Output(columns=("whatever",)), []) == ["WHATEVER"]


@pytest.mark.parametrize(
    "out",
    [
        Output(columns=("nmae",)),
        Output(sort=("-nmae",)),
        Output(filters=(filter_of("nmae=x"),)),
    ],
)
def test_an_unknown_column_tells_which_there_are(out: Output) -> None:
    with pytest.raises(click.UsageError) as caught:
        chosen_columns(chosen(ITEMS, SHAPE, out), SHAPE, out)
    said = caught.value.message
    assert "Did you mean 'name'?" in said
    assert "There are name, last-seen, port, health; and the fields age, profile, prof" in said


def test_fields_are_named_with_those_inside_others() -> None:
    assert fields_of(ITEMS)[:5] == ["name", "age", "profile", "profile.kind", "profile.port"]


def test_a_hostile_name_of_a_column_is_shown_and_not_obeyed() -> None:
    with pytest.raises(click.UsageError) as caught:
        chosen_columns(ITEMS, SHAPE, Output(columns=("\x1b[31m",)))
    assert "\x1b" not in caught.value.message
