"""An agent's heart over a real daemon that hangs or dies (F20): what is said, and on time."""

import time
from collections.abc import Generator
from pathlib import Path

import pytest

from tests import moments
from tests.conformance.drivers.libvirt_rig import LibvirtRig
from tests.parts import HOST
from tests.talks import Conversation, living
from vmuster.demo.hosts import SessionHost
from vmuster.drivers.libvirt.driver import LibvirtDriver
from vmuster.drivers.libvirt.sight import witness_of
from vmuster.model.messages import Heartbeat, Hello, Welcome
from vmuster.model.states import Completeness

pytestmark = [pytest.mark.real, pytest.mark.anyio]

CALL_SECONDS = 4.0
LATE_SECONDS = 9.0
"""A beat of a hung daemon comes after a ping's deadline and a little more."""


@pytest.fixture
def rig(hosts: list[SessionHost]) -> Generator[LibvirtRig]:
    rig = LibvirtRig(*hosts)
    yield rig
    rig.clean()


class Patient:
    """An agent of a real host, with short deadlines and a quick heart."""

    def __init__(self, rig: LibvirtRig, folder: Path) -> None:
        profile = rig.host.profile
        witness = witness_of(profile)
        self.driver = LibvirtDriver(profile, witness, call_seconds=CALL_SECONDS)
        self.talk = Conversation(folder, self.driver, witness)

    async def welcome(self) -> None:
        await self.talk.hear(Hello)
        told = moments.settings(heartbeat_seconds=0.1, report_seconds=0.2)
        await self.talk.say(Welcome(epoch=moments.EPOCH, settings=told, intake=40))
        await self.talk.report(Completeness.COMPLETE)

    async def beats(self, *, answers: bool) -> Heartbeat:
        """The next beat that says so; none on the way there is late."""
        while True:
            began = time.monotonic()
            beat = await self.talk.hear(Heartbeat)
            assert time.monotonic() - began < LATE_SECONDS
            if beat.answers is answers:
                return beat


async def test_a_hung_daemon_is_told_from_its_living_host_beat_by_beat(
    rig: LibvirtRig, tmp_path: Path
) -> None:
    patient = Patient(rig, tmp_path)
    async with living(patient.talk):
        await patient.welcome()
        assert (await patient.beats(answers=True)).why == ""
        rig.freeze_daemon()
        for _ in range(3):
            beat = await patient.beats(answers=False)
            assert (beat.host, beat.alive) == (HOST, True)
            assert "no answer" in beat.why
        rig.thaw_daemon()
        await patient.beats(answers=True)
        await patient.talk.report(Completeness.COMPLETE)
    await patient.driver.close()


async def test_a_daemon_that_hangs_before_the_first_greeting_is_told_of_at_once(
    rig: LibvirtRig, tmp_path: Path
) -> None:
    rig.freeze_daemon()
    patient = Patient(rig, tmp_path)
    async with living(patient.talk):
        assert (await patient.beats(answers=False)).alive is True
        rig.thaw_daemon()
        await patient.welcome()
    await patient.driver.close()


async def test_a_dead_daemon_is_told_of_and_its_return(rig: LibvirtRig, tmp_path: Path) -> None:
    patient = Patient(rig, tmp_path)
    async with living(patient.talk):
        await patient.welcome()
        rig.kill_daemon()
        beat = await patient.beats(answers=False)
        assert beat.alive is True
        assert "Connection refused" in beat.why
        rig.start_daemon()
        await patient.beats(answers=True)
        await patient.talk.report(Completeness.COMPLETE)
    await patient.driver.close()
