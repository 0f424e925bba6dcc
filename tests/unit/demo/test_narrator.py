"""The narrator: one stream, numbered steps, no colour where nobody sees it."""

import io

from vmuster.demo.narrator import Narrator


def test_steps_are_numbered_and_lines_are_wrapped_under_their_lead() -> None:
    stream = io.StringIO()
    narrator = Narrator(stream)
    narrator.step("first")
    narrator.step("second")
    narrator.vmuster("word " * 40)
    lines = stream.getvalue().splitlines()
    assert " 1. first" in lines
    assert " 2. second" in lines
    said = [line for line in lines if "word" in line]
    assert len(said) > 1
    assert all(len(line) <= 100 for line in said)
    assert said[1].startswith(" " * len("    vmuster   "))


def test_a_stream_that_is_no_terminal_gets_no_colour_and_no_hostile_bytes() -> None:
    stream = io.StringIO()
    narrator = Narrator(stream)
    narrator.failure("no")
    narrator.vmuster("name \x1b[31m\nsecond")
    assert "\x1b" not in stream.getvalue()
    assert len([line for line in stream.getvalue().splitlines() if "second" in line]) == 1


def test_a_command_is_shown_as_a_person_would_have_to_type_it() -> None:
    stream = io.StringIO()
    Narrator(stream).command(["vm", "show", "Windows 7 (32-bit) (1)"])
    assert "$ vmuster vm show 'Windows 7 (32-bit) (1)'" in stream.getvalue()
