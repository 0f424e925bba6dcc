"""Settings are settings, and anna has made them."""

from vmuster.sim.verbs.settings.all import SETTINGS
from vmuster.sim.verbs.settings.setting import KEEPER, setting
from vmuster.sim.verbs.verb import Kind
from vmuster.sim.world.world import World


async def _nothing(_world: World) -> None:
    """Nothing."""


def test_a_setting_is_one() -> None:
    made = setting("the sun shines", _nothing, "It is warm.")
    assert (made.form, made.kind, made.what) == ("the sun shines", Kind.SETTING, "It is warm.")
    assert {verb.kind for verb in SETTINGS} == {Kind.SETTING}
    assert KEEPER == "anna"
