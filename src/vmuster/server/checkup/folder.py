"""Checks of the state folder: whose it is, what lies in it, and its database."""

from typing import Final

from vmuster.model.text import counted, listed
from vmuster.server.checkup.checks import Check, Found, failed, ok, warning
from vmuster.server.checkup.place import Certificate, Place

_MIB: Final = 1 << 20
_WAL_BYTES_MAX: Final = 256 * _MIB
_NETWORK: Final = ("nfs", "cifs", "smb", "9p", "ceph", "gluster", "fuse", "afs", "lustre")
_FLEETING: Final = ("tmpfs", "ramfs", "overlay")
DAY: Final = 86_400.0
_BACKUP_DAYS: Final = 7
CERTIFICATE_DAYS: Final = 30


def _permissions(place: Place) -> Found:
    secrets = [each.name for each in place.files if each.others and each.secret]
    if secrets:
        return failed(
            f"others can read or write {listed(secrets)}",
            "chmod go= each of them; whoever has read a key may use it: 'vmuster key rotate'",
        )
    if any(each.others and not each.name for each in place.files):
        return warning("others can look into the state folder", "chmod 0700 it")
    return ok("nobody but its owner can read what is secret")


def _owner(place: Place) -> Found:
    strange = [each.name or "the folder" for each in place.files if not each.owned]
    if strange:
        return failed(
            f"of another user than the state folder or the server: {listed(strange)}",
            "chown them to the user that the server runs as",
        )
    return ok("everything in it is of one user")


def _leftovers(place: Place) -> Found:
    if place.unfinished:
        return warning(
            "a restore was cut short",
            "start the server: it brings it to its end first; or 'vmuster restore --undo'",
        )
    if place.leftovers:
        return warning(
            f"a killed server left the approaches to {counted(place.leftovers, 'host')}, and"
            " what was unsealed for them",
            "start the server: it removes them first",
        )
    return ok("nothing was left behind")


def _signing(place: Place) -> Found:
    if place.signing:
        return failed(place.signing, "put keys/signing.key back from its backup")
    return ok("the signing key is there, for its owner alone")


def _sealing(place: Place) -> Found:
    if place.sealing:
        return failed(
            place.sealing,
            "put keys/sealing.key back from its backup; where it is lost for good, put an empty"
            " file there, and give each credential and webhook anew",
        )
    return ok("the key of the credentials is there, or nothing needs one yet")


def _certificates(place: Place) -> Found:
    if place.certificates_trouble:
        return failed(place.certificates_trouble, "give --tls-cert and --tls-key that fit")
    over = [each.name for each in place.certificates if each.ends <= place.now]
    soon = [each.name for each in place.certificates if _soon(each, place.now)]
    mend = "replace the files, and reload the server (SIGHUP); an own one is renewed by a start"
    if over:
        return failed(f"over: {listed(over)}", mend)
    if soon:
        return warning(f"over within {CERTIFICATE_DAYS} days: {listed(soon)}", mend)
    names = listed([each.name for each in place.certificates])
    return ok(f"good: {names}" if names else "none is needed")


def _soon(certificate: Certificate, now: float) -> bool:
    """What is renewed in time by itself is no news before that has failed for a while."""
    days = CERTIFICATE_DAYS // 2 if certificate.own else CERTIFICATE_DAYS
    return certificate.ends - now < days * DAY


def _sound(place: Place) -> Found:
    database = place.database
    if not database.there:
        return failed(
            "there is no database",
            "restore the last backup: 'vmuster restore FILE'; or 'vmuster serve' founds a fleet",
        )
    if database.trouble:
        return failed(
            database.trouble,
            "stop the server, keep the file as it is, and 'vmuster restore' the last backup",
        )
    return ok("read whole, with its indexes" if database.full else "its pages hang together")


def _schema(place: Place) -> Found:
    found, newest = place.database.revision, place.database.newest
    if found and found != newest:
        return warning(
            f"the database has schema {found}, and this vmuster writes {newest}",
            "take a backup, then start the server: it brings the database to the present schema",
        )
    return ok(f"schema {newest}")


def _wal(place: Place) -> Found:
    size = place.database.wal_bytes
    said = f"the write-ahead log has {size // _MIB} MiB"
    if size > _WAL_BYTES_MAX:
        return warning(
            said,
            "see what holds the database open, such as a backup that hangs; a restart empties it",
        )
    return ok(said)


def _durable(place: Place) -> Found:
    kind = place.database.file_system
    if kind.startswith(_NETWORK):
        return failed(
            f"the database lies on a network file system ({kind}), which keeps no promise",
            "move the state folder to a local disk",
        )
    if kind.startswith(_FLEETING):
        return warning(
            f"the database lies on {kind}, which does not outlive the machine or the container",
            "put the state folder on a disk, or a volume",
        )
    return ok(f"the database lies on {kind or 'a file system that the system does not name'}")


def _backup(place: Place) -> Found:
    last = place.backup
    if last is None:
        return warning("no backup was ever taken", "vmuster backup create FILE")
    days = (place.now - last.at) / DAY
    said = f"the last backup, {last.file}, is {days:.0f} days old"
    if days > _BACKUP_DAYS:
        return warning(said, "vmuster backup create FILE, by a timer")
    return ok(said)


FOLDER: Final[tuple[Check[Place], ...]] = (
    Check("state", "permissions", _permissions),
    Check("state", "owner", _owner),
    Check("state", "leftovers", _leftovers),
    Check("state", "backup", _backup),
    Check("database", "integrity", _sound),
    Check("database", "schema", _schema),
    Check("database", "log", _wal),
    Check("database", "durability", _durable),
    Check("keys", "signing key", _signing),
    Check("keys", "sealing key", _sealing),
    Check("keys", "certificates", _certificates),
)
"""What is looked at in the state folder, in this order."""
