"""The trace: lines for people, and one digest over all of them."""

from vmuster.sim.engine.trace import Trace


def test_the_digest_is_of_every_line_also_of_those_that_are_not_kept() -> None:
    kept, short = Trace(None), Trace(2)
    for trace in (kept, short):
        for number in range(5):
            trace.note(float(number), "alpha", f"line {number}", loud=number % 2 == 0)
    assert kept.digest == short.digest
    assert (len(kept.lines), list(short.lines)) == (5, list(kept.lines)[3:])
    assert [line.split("line ")[1] for line in kept.loud] == ["0", "2", "4"]
    kept.note(5.0, "alpha", "another")
    assert kept.digest != short.digest
    assert kept.lines[-1] == "     5.000  alpha: another"


def test_hostile_text_is_a_line_like_any_other() -> None:
    trace = Trace()
    trace.note(0.0, "alpha", "\udcff\n\x1b[31m")
    assert len(trace.digest) == 64
