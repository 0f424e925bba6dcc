"""Hosts on other machines, over ssh and over TLS: every act, and every way in which one is not
reached, in words."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance.drivers.libvirt_rig import LibvirtRig
from tests.keypairs import Authority, Login
from tests.system.real.far_fleet import FarFleet
from tests.system.real.far_side import FarSide
from tests.system.real.tls_side import TlsSide
from vmuster.demo.hosts import SessionHost
from vmuster.model.host import Host
from vmuster.model.ids import VmUuid
from vmuster.model.keys import CredentialKind
from vmuster.model.states import HostHealth, HostMode, OperationKind, OperationState, VmPhase

pytestmark = [pytest.mark.real, pytest.mark.anyio]


@pytest.fixture
def rig(hosts: list[SessionHost]) -> Iterator[LibvirtRig]:
    rig = LibvirtRig(*hosts)
    try:
        yield rig
    finally:
        rig.clean()


@pytest.fixture
def tls() -> Iterator[TlsSide]:
    with tempfile.TemporaryDirectory(prefix="vmuster-") as folder:
        root = Path(folder)
        root.chmod(0o755)
        (root / "images").mkdir()
        side = TlsSide(root / "h", root / "images")
        try:
            side.host.start()
            yield side
        finally:
            side.host.stop()


async def ssh_host(
    far: FarFleet, side: FarSide, name: str = "far", mode: HostMode = HostMode.MANAGE
) -> Host:
    """A host over ssh, with a stored key."""
    await far.keep("key", CredentialKind.SSH, side.login.private)
    return await far.add(name, side.profile(credential="key"), mode, "default")


async def every_act(far: FarFleet, rig: LibvirtRig) -> None:
    """Adopt, stop, start and release a VM; a stranger beside it is never touched."""
    stranger = rig.define(name="Windows 7 (32-bit) (1)", running=True)
    before = rig.process(stranger)
    vm = rig.define(running=True)
    await far.adopt(vm)
    stopped = await far.power(OperationKind.STOP, vm)
    assert stopped.state is OperationState.DONE, stopped
    assert rig.process(vm) is None
    started = await far.power(OperationKind.START, vm)
    assert started.state is OperationState.DONE, started
    process = rig.process(vm)
    assert process is not None
    released = await far.done(await far.service.requests.release(vm, actor="anna"))
    assert released.state is OperationState.DONE, released
    assert rig.process(vm) == process
    assert (rig.live_mark(vm), rig.config_mark(vm)) == (None, None)
    assert rig.process(stranger) == before


async def test_every_act_over_ssh(far: FarFleet, side: FarSide, rig: LibvirtRig) -> None:
    await ssh_host(far, side)
    await every_act(far, rig)


async def test_every_act_over_tls(far: FarFleet, tls: TlsSide) -> None:
    await far.keep("set", CredentialKind.TLS, tls.secret)
    await far.add("far", tls.profile("set"), HostMode.MANAGE, "default")
    await every_act(far, LibvirtRig(tls.host, tls.host))


async def vanished(far: FarFleet, rig: LibvirtRig) -> VmUuid:
    """A VM that was ours, and is ended and undefined behind our back; another one stays."""
    _ = rig.define()
    vm = rig.define(running=True)
    await far.adopt(vm)
    rig.undefine(vm)
    rig.destroy(vm)
    return vm


async def test_over_ssh_the_witness_confirms_an_absence(
    far: FarFleet, side: FarSide, rig: LibvirtRig
) -> None:
    await ssh_host(far, side)
    vm = await vanished(far, rig)
    await far.recorded(vm, phase=VmPhase.MISSING)


async def test_over_ssh_a_process_that_libvirt_forgot_is_no_absence(
    far: FarFleet, side: FarSide, rig: LibvirtRig
) -> None:
    host = await ssh_host(far, side)
    vm = rig.define(running=True)
    await far.adopt(vm)
    process = rig.process(vm)
    rig.forget_state()
    await far.trouble(host, "processes hold 1 of its VMs")
    assert rig.process(vm) == process
    assert (await far.record(vm)).phase is VmPhase.RUNNING


async def test_over_tls_nothing_is_ever_missing(far: FarFleet, tls: TlsSide) -> None:
    await far.keep("set", CredentialKind.TLS, tls.secret)
    host = await far.add("far", tls.profile("set"), HostMode.MANAGE, "default")
    vm = await vanished(far, LibvirtRig(tls.host, tls.host))
    await far.sighted(host, vm, absent=True)
    await far.passes(host, 8)
    assert (await far.record(vm)).phase is VmPhase.RUNNING


async def test_another_host_key_is_refused_in_words(far: FarFleet, side: FarSide) -> None:
    await far.keep("key", CredentialKind.SSH, side.login.private)
    profile = side.profile(credential="key", host_key=Login().public)
    host = await far.add_unheard("far", profile)
    await far.trouble(host, "does not show the ssh host key that is pinned")
    assert (await far.now(host)).uuid is None


async def test_a_key_that_is_not_accepted_is_said_and_the_right_one_is_used_at_once(
    far: FarFleet, side: FarSide
) -> None:
    await far.keep("key", CredentialKind.SSH, Login().private)
    host = await far.add_unheard("far", side.profile(credential="key"))
    await far.trouble(host, "does not accept our ssh key")
    await far.keep("key", CredentialKind.SSH, side.login.private)
    await far.until(lambda: has_account(far, host))


async def has_account(far: FarFleet, host: Host) -> bool:
    return (await far.now(host)).last_complete_at is not None


async def test_a_credential_that_is_not_there_is_said(far: FarFleet, side: FarSide) -> None:
    host = await far.add_unheard("far", side.profile(credential="nobody"))
    await far.trouble(host, "there is no ssh credential nobody")


async def test_a_certificate_of_another_authority_is_said(far: FarFleet, tls: TlsSide) -> None:
    certificate, key = Authority("another").client()
    strange = tls.authority.certificate + certificate + key
    await far.keep("set", CredentialKind.TLS, strange)
    host = await far.add_unheard("far", tls.profile("set"))
    await far.trouble(host, "certificate")


async def test_a_server_of_another_authority_is_said(far: FarFleet, tls: TlsSide) -> None:
    certificate, key = tls.authority.client()
    await far.keep("set", CredentialKind.TLS, Authority("another").certificate + certificate + key)
    host = await far.add_unheard("far", tls.profile("set"))
    await far.trouble(host, "certificate")


async def test_a_host_that_is_gone_is_said_and_comes_back(
    far: FarFleet, side: FarSide, rig: LibvirtRig
) -> None:
    host = await ssh_host(far, side)
    vm = rig.define(running=True)
    await far.adopt(vm)
    side.stop()
    await far.trouble(host, "can't be reached over ssh")
    assert (await far.record(vm)).phase is VmPhase.RUNNING
    side.start()
    await far.passes(host)
    assert (await far.now(host)).trouble == ""


async def test_a_far_side_that_hangs_delays_no_other_host(
    far: FarFleet, side: FarSide, hosts: list[SessionHost]
) -> None:
    hung = await ssh_host(far, side)
    near = await far.add("near", hosts[1].profile, HostMode.OBSERVE, "default")
    await far.policy(suspect_after_seconds=5.0)
    side.freeze()
    try:
        await far.until(lambda: lost(far, hung))
        before = time.monotonic()
        await far.passes(near, 5)
        assert time.monotonic() - before < 10
        assert (await far.now(near)).health is HostHealth.UP
    finally:
        side.thaw()
    await far.passes(hung)


async def lost(far: FarFleet, host: Host) -> bool:
    return (await far.now(host)).health is not HostHealth.UP


async def test_what_was_unsealed_is_gone_when_the_server_is(far: FarFleet, side: FarSide) -> None:
    host = await ssh_host(far, side, mode=HostMode.OBSERVE)
    folder = far.settings.state_dir / "approaches" / host.id
    identity = folder / "identity"
    assert identity.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    await far.stop()
    assert not folder.exists()
    folder.mkdir(parents=True)
    identity.write_text("left behind by a killed server")
    await far.start()
    await far.passes(host)
    assert "left behind" not in identity.read_text()
