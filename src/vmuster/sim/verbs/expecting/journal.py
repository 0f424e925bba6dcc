"""What is expected of the journal, of commands and of answers to people."""

from typing import Final

from vmuster.model.commands import OutboxCommand
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.states import CommandOutcome
from vmuster.model.text import listed, visible
from vmuster.sim.verbs.verb import Kind, Unmet, Verb
from vmuster.sim.world.world import World

_ALL: Final = 1_000_000


async def _entries(world: World, words: str) -> list[JournalEntry]:
    """Entries that say so, oldest first."""
    found = await world.database.rows.find(JournalEntry, limit=_ALL)
    return [entry for entry in found if words in entry.what]


async def _alerts(world: World, words: str) -> list[JournalEntry]:
    return [entry for entry in await _entries(world, words) if entry.kind is EntryKind.ALERT]


async def _last_alerts(world: World) -> str:
    alerts = await _alerts(world, "")
    said = [visible(entry.what) for entry in alerts[:-4:-1]]
    return f"the last ones say: {listed(said)}" if said else "there is none at all"


async def _alert(world: World, words: str) -> None:
    if not await _alerts(world, words):
        raise Unmet(await _last_alerts(world))


async def _no_alert(world: World, words: str) -> None:
    if found := await _alerts(world, words):
        raise Unmet(visible(found[0].what))


async def _alert_count(world: World, number: str, words: str) -> None:
    if len(found := await _alerts(world, words)) != float(number):
        raise Unmet(f"there are {len(found)}; {await _last_alerts(world)}")


async def _alert_about(world: World, vm: str, words: str) -> None:
    uuid = world.vm(vm)
    if not any(entry.vm == uuid for entry in await _alerts(world, words)):
        raise Unmet(await _last_alerts(world))


async def _no_alerts(world: World) -> None:
    await _no_alert(world, "")


async def _journal(world: World, words: str) -> None:
    if not await _entries(world, words):
        raise Unmet("it does not")


async def _journal_not(world: World, words: str) -> None:
    if found := await _entries(world, words):
        raise Unmet(visible(found[0].what))


async def _commands(world: World, vm: str) -> list[OutboxCommand]:
    found = await world.database.rows.find(OutboxCommand, vm=world.vm(vm))
    return sorted(found, key=lambda each: each.created_at)


async def _command_count(world: World, number: str, vm: str) -> None:
    if len(found := await _commands(world, vm)) != float(number):
        raise Unmet(f"there are {len(found)}")


async def _came_of(world: World, vm: str, outcome: str, words: str) -> None:
    results = [each.result for each in await _commands(world, vm) if each.result is not None]
    if not any(r.outcome == CommandOutcome(outcome) and words in r.message for r in results):
        said = [f"{result.outcome}: {visible(result.message)}" for result in results]
        raise Unmet(f"its commands' answers are {listed(said) or 'none'}")


async def _under_way(world: World, vm: str) -> None:
    if all(each.result is not None for each in await _commands(world, vm)):
        raise Unmet("none is")


async def _no_alert_about(world: World, vm: str) -> None:
    uuid = world.vm(vm)
    for entry in await _alerts(world, ""):
        if entry.vm == uuid:
            raise Unmet(visible(entry.what))


async def _command_refused(world: World, vm: str, words: str) -> None:
    await _came_of(world, vm, CommandOutcome.REFUSED, words)


async def _command_failed(world: World, vm: str, words: str) -> None:
    await _came_of(world, vm, CommandOutcome.FAILED, words)


async def _person_refused(world: World, actor: str, words: str) -> None:
    said = [why for who, why in world.truth.refused if who == actor]
    if not any(words in why for why in said):
        raise Unmet(f"{actor} was told {listed([visible(why) for why in said]) or 'nothing'}")


async def _nobody_refused(world: World) -> None:
    if world.truth.refused:
        who, why = world.truth.refused[0]
        raise Unmet(f"{who} was told: {visible(why)}")


_FORMS: Final = {
    'expect an alert: "{words}"': (_alert, "One that says so."),
    'expect no alert: "{words}"': (_no_alert, "None that says so."),
    'expect {number} alerts: "{words}"': (_alert_count, "So many that say so."),
    'expect an alert about {vm}: "{words}"': (_alert_about, "One about this VM."),
    "expect no alert about {vm}": (_no_alert_about, "None about this VM."),
    "expect no alert at all": (_no_alerts, "Nobody was woken up."),
    'expect the journal says "{words}"': (_journal, "In any entry."),
    'expect the journal never says "{words}"': (_journal_not, "In no entry."),
    "expect {number} commands for {vm}": (_command_count, "So many were ever written."),
    "expect a command for {vm} is under way": (_under_way, "Written, and not answered."),
    'expect a command for {vm} was refused: "{words}"': (_command_refused, "By its agent."),
    'expect a command for {vm} failed: "{words}"': (_command_failed, "At its host."),
    'expect {actor} was refused: "{words}"': (_person_refused, "A person was told so."),
    "expect nobody was refused": (_nobody_refused, "Every request was taken."),
}
JOURNAL: Final = tuple(
    Verb(form=form, kind=Kind.EXPECT, what=what, do=do) for form, (do, what) in _FORMS.items()
)
