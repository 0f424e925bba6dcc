"""How far hosts are reached: the files of each one's connection, and what is unsealed for it.

A credential is unsealed into a folder of the host's own when a connection is opened, for its
owner alone, and removed when the conversation with the host ends; it is never an argument of a
program. What a killed server left behind is removed before another one reaches any host.
"""

import asyncio
import secrets
import shutil
from functools import partial
from pathlib import Path

from vmuster.drivers.libvirt import AGENT_SOCKET
from vmuster.drivers.libvirt.address import SshWay, TlsWay, Way
from vmuster.drivers.ssh.folder import (
    NAMING_PROGRAM,
    PROGRAM,
    command_line,
    lay_out,
    take_away,
    write_file,
)
from vmuster.drivers.ssh.leftovers import end_leftovers
from vmuster.drivers.ssh.witness import NoWitness, SshWitness
from vmuster.model.errors import Refused, VmusterError
from vmuster.model.host import Host, SshProfile, TlsProfile
from vmuster.model.keys import Credential, CredentialKind
from vmuster.ports.driver import DriverError
from vmuster.ports.store import Store
from vmuster.server.secrets.credentials import Sealer
from vmuster.server.secrets.secret_forms import tls_set

FarProfile = SshProfile | TlsProfile
_Version = tuple[int, float] | None


class Approaches:
    """The approaches to every far host of one server.

    `folder` is ours alone, and emptied at once; `agent_socket`: the ssh agent of the operator, for
    hosts that name no credential.
    """

    def __init__(
        self, folder: Path, store: Store, sealer: Sealer, *, agent_socket: str = AGENT_SOCKET
    ) -> None:
        self._folder = folder.absolute()
        self._store = store
        self._sealer = sealer
        self._agent_socket = agent_socket
        shutil.rmtree(self._folder, ignore_errors=True)

    def to(self, host: Host, profile: FarProfile) -> "Approach":
        """The approach to one host. Nothing is written or unsealed yet."""
        return Approach(self, self._folder / host.id, profile)

    async def find(self, profile: FarProfile) -> Credential | None:
        """The credential that a profile names, if any. `Refused` where there is none like it."""
        name = profile.credential
        kind = CredentialKind.SSH if isinstance(profile, SshProfile) else CredentialKind.TLS
        if not name:
            return None
        found = await self._store.get(Credential, name)
        if found is None or found.kind is not kind:
            raise Refused(
                f"there is no {kind} credential {name}", hint=f"vmuster credential add {name}"
            )
        return found

    def lay_out(
        self, folder: Path, profile: FarProfile, credential: Credential | None, line: str
    ) -> None:
        """Make the folder of one host anew. `line`: see `folder.lay_out`."""
        secret = None if credential is None else self._sealer.open(credential)
        match profile:
            case SshProfile():
                lay_out(folder, profile.host_key, self._agent_socket, secret, line)
            case TlsProfile():
                _lay_certificates(folder, secret)


class Approach:
    """How one host is reached: by its `way`, and with its `witness`."""

    def __init__(self, all_: Approaches, folder: Path, profile: FarProfile) -> None:
        self.way: Way
        self.witness: SshWitness | NoWitness
        self._line = f"vmuster-{secrets.token_hex(16)}"
        match profile:
            case SshProfile():
                self.way = SshWay(
                    profile=profile, command=folder / PROGRAM, naming=folder / NAMING_PROGRAM
                )
                self.witness = SshWitness(
                    command_line(folder, profile),
                    profile.scope,
                    self._line,
                    partial(secrets.token_hex, 16),
                )
            case TlsProfile():
                named = folder if profile.credential else None
                self.way = TlsWay(profile=profile, certificates=named)
                self.witness = NoWitness()
        self._all = all_
        self._folder = folder
        self._profile = profile
        self._laid = False
        self._version: _Version = None

    async def ready(self) -> None:
        """Make the files of the connection, with the credential as it is now.

        Files that are right already stay, since a program may be reading them. Raises
        `DriverError`, in words, where the credential is not there or can't be unsealed.
        """
        try:
            credential = await self._all.find(self._profile)
            version = None if credential is None else (credential.version, credential.created_at)
            if self._laid and version == self._version:
                return
            await asyncio.to_thread(
                self._all.lay_out, self._folder, self._profile, credential, self._line
            )
        except (VmusterError, OSError) as error:
            raise DriverError(str(error), broken=True) from None
        self._laid, self._version = True, version

    async def leave(self) -> None:
        """End the witness, remove the files, and end what still runs on them."""
        if isinstance(self.witness, SshWitness):
            await asyncio.to_thread(self.witness.close)
        self._laid = False
        await asyncio.to_thread(take_away, self._folder)
        await asyncio.to_thread(end_leftovers, self._folder)


def _lay_certificates(folder: Path, secret: bytes | None) -> None:
    """A TLS set under the names by which libvirt looks for it."""
    take_away(folder)
    if secret is None:
        return
    parts = tls_set(secret)
    folder.mkdir(parents=True, mode=0o700)
    write_file(folder / "cacert.pem", parts.authority, 0o600)
    write_file(folder / "clientcert.pem", parts.certificate, 0o600)
    write_file(folder / "clientkey.pem", parts.key, 0o600)
