"""Reports that nobody of ours would send (T18): refused whole and soon, and the old state is kept.

Each is a good report that was changed by chance; a seed finds it again.
"""

import asyncio
import gc
import os
import random
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from tests.agents import FACTS, Agent, talking
from tests.effort import examples
from tests.servers import Bench, bench, seen, vm
from vmuster.model.host import Host
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.messages import Acknowledged, Reported, ToServer
from vmuster.model.report import HostReport
from vmuster.model.states import Completeness, HostHealth, HostMode
from vmuster.model.text import NAME_CHARACTERS_MAX
from vmuster.model.vm import Sighting, VmRecord
from vmuster.model.wire import MESSAGE_BYTES_MAX, BadMessage, decode_to_server, encode
from vmuster.server.talks.repeats import TIMES_MAX, WORDS_MAX

pytestmark = pytest.mark.anyio
MANY = examples(10_000)
GROWTH_BYTES_MAX = 50 * 1024 * 1024
SECONDS_MAX = 1.0
SAYING_SECONDS = 10.0
SCRAPS = (
    *(b"NaN", b"Infinity", b"1e999", b"-1", b"1180591620717411303424", b"null", b"true", b"0.5"),
    *(b"\xff\xfe", b"\xed\xa0\x80", b"\\ud800", b"\\u0000", b"\x00", b'"', b"[", b"{", b"}", b","),
    *(b"[" * 2_000, b'{"a":' * 500, b'"epoch":1,"epoch":2,', b"A" * 5_000, b"\xe2\x80\xae"),
)


def good(host: Host, epoch: int, sequence: int, bench_: Bench) -> HostReport:
    """Our VM, a stranger, and one with a name of ours."""
    return HostReport(
        host=host.id,
        epoch=epoch,
        sequence=sequence,
        boot_id="b",
        completeness=Completeness.COMPLETE,
        vms=(
            seen(vm(1), mark=bench_.mark(vm(1))),
            seen(vm(2), "Windows 7 (32-bit) (1)"),
            seen(vm(3), "i-2-78-VM"),
        ),
        absent=(vm(4),),
    )


def changed(data: bytes, chance: random.Random) -> bytes:
    """`data` with up to four changes: cut, doubled, overwritten, or with something put in."""
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(data) + 1)
        end = min(len(data), start + chance.choice((0, 1, 1, 8, 64)))
        scrap = chance.choice(
            (chance.choice(SCRAPS), chance.randbytes(3), data[start:end] * 2, b"")
        )
        data = data[:start] + scrap + data[end:]
    return data


def read(data: bytes) -> ToServer | None:
    """What the server understands; None where it refuses it whole."""
    try:
        return decode_to_server(data)
    except BadMessage:
        return None


def said(message: ToServer | None) -> object:
    """What a message says, in whatever bytes that was said."""
    report = message.report if isinstance(message, Reported) else None
    return msgspec.structs.replace(report, digest="") if report is not None else message


def resident() -> int:
    """The bytes of memory that this process holds."""
    gc.collect()
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


async def ours(parts: Bench) -> Host:
    """A host in MANAGE with a VM of ours, whose agent is about to greet."""
    await parts.policy(unknown_vms="stop-by-name", drift="enforce", restart="always")
    host = await parts.host(mode=HostMode.MANAGE)
    await parts.adopted(host, vm(1))
    await parts.change(await parts.now(host), uuid=FACTS.uuid, facts=FACTS)
    return await parts.now(host)


async def say(agent: Agent, data: bytes) -> None:
    """Say it; a server that listens no more is noticed."""
    async with asyncio.timeout(SAYING_SECONDS):
        await agent.say(data)


async def heard_out(agent: Agent, epoch: int) -> None:
    """Wait until everything that was said so far has been dealt with."""
    end = 2**53 + epoch
    await agent.say(
        Reported(
            report=HostReport(
                host=agent.host.id,
                epoch=0,
                sequence=end,
                boot_id="b",
                completeness=Completeness.PARTIAL,
                vms=(),
            )
        )
    )
    while (await agent.hear(Acknowledged)).sequence != end:
        pass


async def test_what_is_refused_leaves_everything_as_it_was() -> None:
    parts, chance = await bench(), random.Random(18)
    host = await ours(parts)
    async with talking(parts, host) as agent:
        epoch = (await agent.greet()).epoch
        report = good(host, epoch, 1, parts)
        await agent.say(Reported(report=report))
        assert (await agent.hear(Acknowledged)).sequence == 1
        sound = encode(Reported(report=msgspec.structs.replace(report, sequence=2)))
        before = await kept(parts)
        held, slowest, refused = resident(), 0.0, 0
        for _ in range(MANY):
            data = changed(sound, chance)
            begun = time.thread_time()
            understood = read(data)
            slowest = max(slowest, time.thread_time() - begun)
            if understood is None:
                refused += 1
                await say(agent, data)
        await heard_out(agent, epoch)
        assert refused > MANY // 2
        assert slowest < SECONDS_MAX
        assert resident() - held < GROWTH_BYTES_MAX
        assert await kept(parts) == before
        now = await parts.now(host)
        assert (now.epoch, now.sequence, now.health) == (epoch, 1, HostHealth.SUSPECT)
        assert now.trouble.startswith("bad message")
        alerts = await parts.store.find(JournalEntry, kind=EntryKind.ALERT, limit=MANY)
        told = sum("bad message" in alert.what for alert in alerts)
        assert 0 < told <= WORDS_MAX * TIMES_MAX, "two troubles that take turns fill no journal"
        assert (await agent.report(epoch, 2, *report.vms)).sequence == 2
    assert (await parts.now(host)).trouble == ""


async def kept(parts: Bench) -> object:
    """What is known of VMs."""
    return await parts.store.find(Sighting), await parts.store.find(VmRecord)


async def test_what_is_understood_all_the_same_ends_no_vm_and_no_conversation() -> None:
    parts, chance = await bench(), random.Random(19)
    host = await ours(parts)
    sent = len(await parts.sent(vm(1)))
    async with talking(parts, host) as agent:
        epoch = (await agent.greet()).epoch
        understood = 0
        for number in range(1, MANY // 2):
            sound = encode(Reported(report=good(host, epoch, number, parts)))
            data = changed(sound, chance)
            if (message := read(data)) is None:
                continue
            understood += 1
            assert said(read(encode(message))) == said(message)
            await say(agent, data)
            if understood % 20 == 0:
                await heard_out(agent, epoch)
        assert understood > MANY // 200
    assert (await parts.record(vm(1))).live
    assert [type(row.command).__name__ for row in (await parts.sent(vm(1)))[sent:]] == []


TINY = b'{"uuid":"00000000-0000-0000-0000-000000000009","name":"","power":"running"}'
GIANTS: dict[str, Callable[[bytes], bytes]] = {
    "a name of 4 MB": lambda data: data.replace(b"Windows", b"W" * (4 << 20)),
    "a name of a million escapes": lambda data: data.replace(
        b"Windows", b"\\ud83d\\ude00" * 500_000
    ),
    "as many VMs as fit": lambda data: data.replace(
        b'"vms":[', b'"vms":[' + (TINY + b",") * (MESSAGE_BYTES_MAX // (len(TINY) + 1) - 100)
    ),
    "depth": lambda data: data.replace(b'"vms":[', b'"vms":[' + b"[" * (MESSAGE_BYTES_MAX - 5_000)),
    "a number of a million digits": lambda data: data.replace(
        b'"sequence":2', b'"sequence":' + b"9" * 1_000_000
    ),
    "a key a hundred thousand times": lambda data: data.replace(
        b'"epoch":', b'"epoch":1,' * 100_000 + b'"epoch":'
    ),
    "too long by a byte": lambda data: data + b" " * (MESSAGE_BYTES_MAX + 1 - len(data)),
}


@pytest.mark.parametrize("giant", GIANTS)
async def test_a_giant_is_dealt_with_soon_and_nothing_of_it_stays(giant: str) -> None:
    parts = await bench()
    host = await ours(parts)
    async with talking(parts, host) as agent:
        epoch = (await agent.greet()).epoch
        report = good(host, epoch, 1, parts)
        await agent.say(Reported(report=report))
        assert (await agent.hear(Acknowledged)).sequence == 1
        sound = encode(Reported(report=msgspec.structs.replace(report, sequence=2)))
        data = GIANTS[giant](sound)
        assert len(data) > len(sound)
        held, begun = resident(), time.thread_time()
        await say(agent, data)
        await heard_out(agent, epoch)
        assert time.thread_time() - begun < SECONDS_MAX
        del data
        assert resident() - held < GROWTH_BYTES_MAX
        taken = giant == "a key a hundred thousand times"  # the last of them counts
        assert (await parts.now(host)).sequence == 1 + taken
        for row in await parts.store.find(Sighting):
            assert len(row.name) <= NAME_CHARACTERS_MAX
        assert (await parts.record(vm(1))).live
        assert (await agent.report(epoch, 3, *report.vms)).sequence == 3
