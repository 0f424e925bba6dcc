"""The table of settings: whole, with a meaning for each, and harmless as it stands."""

import msgspec

from vmuster.api.gates.limits import Limits
from vmuster.wiring.settings.meanings import meanings
from vmuster.wiring.settings.table import ONCE, SECTIONS, Settings


def test_the_defaults_listen_on_loopback_and_take_no_demo_hosts() -> None:
    settings = Settings()
    assert (settings.host, settings.allow_loopback_hosts) == ("127.0.0.1", False)


def test_every_setting_has_a_meaning_and_one_section() -> None:
    names = [field.name for field in msgspec.structs.fields(Settings)]
    shown = [name for section in SECTIONS.values() for name in section]
    assert sorted(shown) == sorted(names)
    assert meanings(Settings).keys() == set(names)
    assert meanings(Limits).keys() == {field.name for field in msgspec.structs.fields(Limits)}
    assert set(names) >= ONCE
