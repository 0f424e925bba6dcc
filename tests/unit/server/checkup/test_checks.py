"""What a check says is bounded and visible."""

from vmuster.server.checkup.checks import Check, Verdict, checked, failed, ok, warning


def test_each_check_says_what_was_found_and_how_to_mend_it() -> None:
    table = (
        Check[int]("a", "small", lambda n: ok("small") if n < 5 else warning("large", "shrink it")),
        Check[int]("b", "whole", lambda n: failed(f"{n}", "mend")),
    )
    said = checked(table, 7)
    assert [(it.about, it.name, it.verdict) for it in said] == [
        ("a", "small", Verdict.WARNING),
        ("b", "whole", Verdict.FAILED),
    ]
    assert [(it.found, it.mend) for it in said] == [("large", "shrink it"), ("7", "mend")]


def test_hostile_words_are_bounded_and_shown() -> None:
    (said,) = checked((Check[str]("a", "b", ok),), "\x1b[31m" + "A" * 10_000)
    assert said.found.startswith("\\x1b[31m")
    assert len(said.found) < 400
