"""The facts that lie outside the database: of the machine, the state folder, and its files.

They are gathered by whoever knows where things are: `wiring/checkup/`.
"""

from typing import Protocol

import msgspec


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """The machine that the server runs on.

    `libraries`: version by name; `missing`: those that vmuster needs and that are not there.
    `libvirt`, `ssh`: versions of the libvirt client library and the ssh client, empty where there
    is none. `descriptors`: how many files may be open, and how many are (None: nobody is asked).
    `synchronised`: whether the kernel's clock is kept by a time service; None: it does not say.
    """

    python: str
    vmuster: str
    libraries: dict[str, str]
    missing: tuple[str, ...]
    libvirt: str
    ssh: str
    descriptors_max: int
    descriptors: int | None
    synchronised: bool | None


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A file or folder in the state folder. `name`: its place there, "" for the folder itself;
    `others`: whether anybody but its owner may read or write it; `owned`: whether it is of the user
    that the server runs as, as far as is known; `secret`: whether it must be its owner's alone."""

    name: str
    others: bool
    owned: bool
    secret: bool


class Database(msgspec.Struct, frozen=True, kw_only=True):
    """The file of the database. `trouble`: why it is not sound, in words, empty where it is;
    `full`: whether its indexes were looked at too. `revision` and `newest`: of its schema, and of
    the schema that this vmuster writes. `free`: bytes that are left on its disk; `file_system`:
    the kind of it, empty where the system does not say."""

    there: bool
    trouble: str
    full: bool
    revision: str
    newest: str
    bytes: int
    wal_bytes: int
    free: int
    file_system: str


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate that somebody relies on. `own`: a server renews it by itself."""

    name: str
    ends: float
    own: bool


class Backup(msgspec.Struct, frozen=True, kw_only=True):
    """The last backup that was noted. Its file may lie elsewhere by now, as it should."""

    at: float
    file: str


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Everything outside the database. `signing` and `sealing`: what is wrong with the key files,
    empty where nothing is; `certificates_trouble`: as well. `leftovers`: what a killed server left
    of its approaches; `unfinished`: whether a restore was cut short;
    `operator`: the digest of the key in client.toml, empty where there is none."""

    now: float
    machine: Machine
    files: tuple[File, ...]
    database: Database
    signing: str
    sealing: str
    certificates: tuple[Certificate, ...]
    certificates_trouble: str
    leftovers: int
    unfinished: bool
    operator: str
    backup: Backup | None


class Surroundings(Protocol):
    """Looks at what lies outside the database."""

    def look(self, *, deep: bool) -> Place:
        """The facts as they are now. It blocks: call it in a thread. `deep`: the database is read
        whole, with its indexes."""
        ...
