"""Checks of what the database holds itself: its rows, its journal, and everybody's keys."""

from typing import Final

from vmuster.model.keys import ApiKey, Scope
from vmuster.model.text import listed
from vmuster.server.checkup.checks import Check, Found, failed, ok, warning
from vmuster.server.checkup.folder import CERTIFICATE_DAYS, DAY
from vmuster.server.checkup.records import Records

_EXPIRES_DAYS: Final = 14
_UNUSED_DAYS: Final = 14
_ADMIN_DAYS: Final = 365
_GROWTH_DAYS: Final = 30
_MIB: Final = 1 << 20
_CLOCK_DAYS: Final = 1


def _rows(records: Records) -> Found:
    if records.unread:
        return failed(
            f"rows that can't be read: {listed(records.unread)}",
            "restore a backup; or correct the row by hand, and set its checksum to NULL",
        )
    deep = records.journal is not None
    return ok("every row can be read" if deep else "no row that was asked for is damaged")


def _journal(records: Records) -> Found:
    verdict = records.journal
    if verdict is None:
        return ok("not verified; --deep does")
    if not verdict.sound:
        return failed(
            f"the journal is not as it was written: {verdict.what}",
            "keep the database as it is; compare it with a backup and with the log's anchors",
        )
    return ok(
        f"{verdict.entries} entries follow on each other; anchor {verdict.head}:{verdict.chain}"
    )


def _growth(records: Records) -> Found:
    database = records.place.database
    days = max((records.now - records.fleet.created_at) / DAY, 1.0)
    a_day = max(database.bytes / days, 1.0)
    left = database.free / a_day
    said = f"it grew by {a_day / _MIB:.1f} MiB a day since the fleet was founded"
    if left < _GROWTH_DAYS:
        return warning(f"{said}: its disk is full in {left:.0f} days", "make room in time")
    return ok(said)


def _fits(records: Records) -> Found:
    if not records.fits:
        return failed(
            "the signing key is not the key of this fleet",
            "put the key of this database back: 'vmuster restore FILE --keys FILE'",
        )
    return ok("the signing key is the fleet's")


def _opened(records: Records) -> Found:
    shut = [f"{each.what} ({each.trouble})" for each in records.sealed if each.trouble]
    if shut:
        return failed(
            f"can't be opened: {listed(shut)}",
            "put keys/sealing.key back from its backup, or give each of them anew",
        )
    return ok(f"{len(records.sealed)} sealed secrets can be opened")


def _certificates(records: Records) -> Found:
    ends = {each.what: each.ends for each in records.sealed if each.ends is not None}
    over = [what for what, end in ends.items() if end <= records.now]
    soon = [what for what, end in ends.items() if end - records.now < CERTIFICATE_DAYS * DAY]
    mend = "vmuster credential add NAME with new certificates replaces it, and is used at once"
    if over:
        return failed(f"the certificate is over in {listed(over)}", mend)
    if soon:
        return warning(f"the certificate ends within {CERTIFICATE_DAYS} days: {listed(soon)}", mend)
    return ok("no certificate to a host ends soon")


def _ending(records: Records) -> Found:
    over = [key.name for key in records.keys if key.expired(records.now)]
    soon = [
        key.name
        for key in records.keys
        if key.expires_at is not None and key.expires_at - records.now < _EXPIRES_DAYS * DAY
    ]
    mend = "vmuster api-key create NAME --expires 90d, and vmuster api-key revoke the old one"
    if over:
        return warning(f"over: {listed(over)}", mend)
    if soon:
        return warning(f"over within {_EXPIRES_DAYS} days: {listed(soon)}", mend)
    return ok("no API key is over, or soon will be")


def _unused(records: Records) -> Found:
    idle = [
        key.name
        for key in records.keys
        if key.last_used_at is None and _days(key, records) > _UNUSED_DAYS
    ]
    if idle:
        return warning(
            f"API keys that nobody has used since they were made: {listed(idle)}",
            "vmuster api-key revoke NAME, for each that nobody needs",
        )
    return ok("every API key is in use, or new")


def _old(records: Records) -> Found:
    old = [
        key.name
        for key in records.keys
        if key.scope is Scope.ADMIN and _days(key, records) > _ADMIN_DAYS
    ]
    if old:
        return warning(
            f"admin keys that are older than a year: {listed(old)}",
            "make a new one, and vmuster api-key revoke NAME",
        )
    return ok("no admin key is older than a year")


def _operator(records: Records) -> Found:
    digest = records.place.operator
    if digest and digest not in {key.digest for key in records.keys}:
        return warning(
            "the key in client.toml is no key of this server",
            "remove client.toml and restart the server: it writes one with a fresh key",
        )
    return ok("the operator's key is a key of this server" if digest else "there is no client.toml")


def _days(key: ApiKey, records: Records) -> float:
    return (records.now - key.created_at) / DAY


def _jumps(records: Records) -> Found:
    lately = [at for at in records.jumps if records.now - at < _CLOCK_DAYS * DAY]
    if lately:
        return warning(
            f"the clock was set {len(lately)} times within a day",
            "let a time service keep it, which moves it slowly; see 'vmuster journal --kind alert'",
        )
    return ok("the clock was not set within a day")


KEYS: Final[tuple[Check[Records], ...]] = (
    Check("machine", "clock jumps", _jumps),
    Check("database", "growth", _growth),
    Check("database", "rows", _rows),
    Check("database", "journal", _journal),
    Check("keys", "fleet's key", _fits),
    Check("keys", "sealed secrets", _opened),
    Check("keys", "certificates to hosts", _certificates),
    Check("keys", "operator's key", _operator),
    Check("keys", "ends of API keys", _ending),
    Check("keys", "unused API keys", _unused),
    Check("keys", "old admin keys", _old),
)
"""What is looked at in the database, whether a server runs or not, in this order."""
