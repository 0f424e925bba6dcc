"""A healthy installation, as the doctor finds it: what a test breaks one thing of."""

from typing import Final
from uuid import UUID

import msgspec

from tests.parts import CLUSTER, FLEET, KEY, host
from vmuster.model.host import Cluster, Fleet
from vmuster.model.ids import HostUuid
from vmuster.model.keys import ApiKey, Scope
from vmuster.model.policy import Policy
from vmuster.model.states import HostHealth
from vmuster.server.answers.audit import Verdict
from vmuster.server.checkup.place import Backup, Certificate, Database, File, Machine, Place
from vmuster.server.checkup.records import Records, Sealed

DAY: Final = 86_400.0
NOW: Final = 1000 * DAY
_GIB: Final = 1 << 30

MACHINE: Final = Machine(
    python="3.13.1",
    vmuster="1.0",
    libraries={"msgspec": "0.22"},
    missing=(),
    libvirt="12.8.0",
    ssh="OpenSSH_10.0",
    descriptors_max=65_536,
    descriptors=40,
    synchronised=True,
)
DATABASE: Final = Database(
    there=True,
    trouble="",
    full=False,
    revision="0004",
    newest="0004",
    bytes=_GIB,
    wal_bytes=4096,
    free=100 * _GIB,
    file_system="ext4",
)
PLACE: Final = Place(
    now=NOW,
    machine=MACHINE,
    files=(
        File(name="", others=False, owned=True, secret=False),
        File(name="vmuster.db", others=False, owned=True, secret=True),
        File(name="keys/signing.key", others=False, owned=True, secret=True),
        File(name="tls/ca.crt", others=True, owned=True, secret=False),
    ),
    database=DATABASE,
    signing="",
    sealing="",
    certificates=(Certificate(name="server.pem", ends=NOW + 60 * DAY, own=True),),
    certificates_trouble="",
    leftovers=0,
    unfinished=False,
    operator="0" * 64,
    backup=Backup(at=NOW - DAY, file="monday.db"),
)
HOST: Final = msgspec.structs.replace(
    host(), uuid=HostUuid(UUID(int=7)), health=HostHealth.UP, last_complete_at=NOW - 1
)
ADMIN: Final = ApiKey(
    name="admin",
    digest="0" * 64,
    created_at=NOW - 100 * DAY,
    scope=Scope.ADMIN,
    last_used_at=NOW - DAY,
)
RECORDS: Final = Records(
    place=PLACE,
    now=NOW,
    fits=True,
    fleet=Fleet(
        id=FLEET, instance="VM", created_at=NOW - 500 * DAY, key=KEY, public_keys={str(KEY): b"k"}
    ),
    clusters=(Cluster(name=CLUSTER, policy=Policy(), created_at=1.0),),
    hosts=(HOST,),
    ours={},
    standings={"owned": 3, "alien": 2},
    held=(),
    keys=(ADMIN,),
    sealed=(Sealed(what="credential tls", trouble="", ends=NOW + 90 * DAY),),
    jumps=(),
    unread=(),
    journal=Verdict(entries=9, head=9),
)


class HandSurroundings:
    """Implements `server.checkup.place.Surroundings`: they are as a test says."""

    def __init__(self, place: Place = PLACE) -> None:
        self.place = place
        self.deep: bool | None = None

    def look(self, *, deep: bool) -> Place:
        self.deep = deep
        return self.place
