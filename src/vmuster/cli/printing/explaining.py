"""A story as lines: the words are the server's, the times and the order are ours."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from vmuster.cli.printing.moments import at

Fields = Mapping[str, Any]
Line = tuple[str, str]
"""A label and what it says."""

_LABEL_WIDTH: Final = 10
_AS_OF: Final = "seen"
"""What is seen is true as of a moment; everything else was so at one."""


def told(story: Fields) -> Iterator[str]:
    """The whole story, line by line; at the top, if it has ended, why it was stopped."""
    yield f"{story['name']}  {story['reference']}"
    if story["about"] != "vm":
        yield ""
        yield from brief(story)
    yield from _section("Why was it stopped?", _lines(story["ended"]))
    yield from _section("What it is", _lines(story["state"]))
    for chapter in story["chapters"]:
        heading = f"{chapter['title']}{_moment(chapter['at'])}"
        operation = chapter["operation"]
        more = [("operation", operation)] if operation else []
        yield from _section(heading, [*_lines(chapter["links"]), *more])
    concluded = [(link["who"], _words(link)) for link in story["concluded"]]
    yield from _section("What was concluded, the newest first", concluded)
    yield from _rules(story)


def brief(story: Fields) -> Iterator[str]:
    """The story in three lines: what, why, and by which proof."""
    for label in ("what", "why", "proof"):
        yield f"{label:<5}  {_words(story[label])}{_see(story[label])}"


def _section(heading: str, lines: Sequence[Line]) -> Iterator[str]:
    if lines:
        yield ""
        yield heading
        width = max(_LABEL_WIDTH, *(len(label) for label, _ in lines))
        for label, said in lines:
            yield f"  {label:<{width}}  {said}"


def _lines(links: Sequence[Fields]) -> list[Line]:
    return [(link["kind"], f"{_words(link)}{_named(link)}") for link in links]


def _words(link: Fields) -> str:
    """What a link says, and when; who, where the words do not say it."""
    of = ", as of " if link["kind"] == _AS_OF else ", "
    return f"{link['what']}{_moment(link['at'], of)}"


def _moment(moment: str | None, of: str = ", ") -> str:
    return f"{of}{at(moment)}" if moment else ""


def _named(link: Fields) -> str:
    return f" [{link['rule']}]" if link["rule"] else ""


def _see(link: Fields) -> str:
    return f"; see 'vmuster rule {link['rule']}' ({link['see']})" if link["rule"] else ""


def _rules(story: Fields) -> Iterator[str]:
    """Where the rules that were named are explained, each once, in their order."""
    links = [*story["ended"], *story["state"], *story["concluded"]]
    links += [link for chapter in story["chapters"] for link in chapter["links"]]
    pages = {link["rule"]: link["see"] for link in links if link["rule"]}
    if pages:
        yield ""
        yield "The rules"
        for rule, page in pages.items():
            yield f"  see 'vmuster rule {rule}' ({page})"
