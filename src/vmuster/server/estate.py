"""A person's requests about hosts and clusters: add, mode, policy. Every one is audited."""

import re
from typing import Final

import msgspec

from vmuster.model.changes import Changes, Write
from vmuster.model.errors import Refused
from vmuster.model.host import Cluster, Host, LoopbackProfile, NameGrant, Profile
from vmuster.model.ids import ClusterName, HostId
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.policy import Policy, allowed_values
from vmuster.model.states import HostMode, UnknownVms
from vmuster.model.text import bounded, visible
from vmuster.server.context import Context, Conversations
from vmuster.server.paging import find_all
from vmuster.server.references import cluster_now, host_now

_NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62})", re.ASCII)
"""Names that we give (T10): they go into file names, URLs and shell lines."""


class Estate:
    """Takes requests for one server. `loopback_hosts`: whether demo hosts may be added."""

    def __init__(
        self, context: Context, conversations: Conversations, *, loopback_hosts: bool
    ) -> None:
        self._context = context
        self._conversations = conversations
        self._loopback_hosts = loopback_hosts

    async def add_host(self, *, name: str, profile: Profile, cluster: Cluster, actor: str) -> Host:
        """A new host, in OBSERVE: nothing is changed there until a person sets another mode."""
        _named("host", name)
        if isinstance(profile, LoopbackProfile) and not self._loopback_hosts:
            raise Refused(
                "a loopback host is for demos and tests",
                hint="start the server with --allow-loopback-hosts",
            )
        host = Host(
            id=HostId(f"h-{self._context.clock.uuid().hex[:12]}"),
            name=name,
            cluster=cluster.name,
            profile=profile,
            mode=HostMode.OBSERVE,
            added_at=self._context.clock.now(),
        )
        entry = self._audit(actor, f"host {name} was added to cluster {cluster.name}", host=host.id)
        await self._commit(Write(before=None, after=host), entry)
        return await host_now(self._context.store, host.id)

    async def set_mode(self, host: Host, mode: HostMode, *, actor: str) -> Host:
        """Set what we may do on a host."""
        after = msgspec.structs.replace(host, mode=mode)
        entry = self._audit(actor, f"host {host.name}: {host.mode} → {mode}", host=host.id)
        await self._commit_again(host, after, entry)
        self._conversations.settings_changed(host.id)
        return await host_now(self._context.store, host.id)

    async def add_cluster(self, name: str, *, actor: str) -> Cluster:
        """A new cluster with the default policy, which harms nothing."""
        _named("cluster", name)
        cluster = Cluster(
            name=ClusterName(name), policy=Policy(), created_at=self._context.clock.now()
        )
        entry = self._audit(actor, f"cluster {name} was added", cluster=cluster.name)
        await self._commit(Write(before=None, after=cluster), entry)
        return await cluster_now(self._context.store, cluster.name)

    async def set_policy(
        self, cluster: Cluster, settings: dict[str, object], *, actor: str
    ) -> Cluster:
        """Change some settings of a cluster's policy; all of them or none.

        `stop-by-name` makes a signed grant in the actor's name; any other rung withdraws it.
        """
        policy = _policy(cluster.policy, settings)
        by_name = policy.unknown_vms is UnknownVms.STOP_BY_NAME
        grant = (cluster.grant or self._grant(cluster.name, actor)) if by_name else None
        after = msgspec.structs.replace(cluster, policy=policy, grant=grant)
        said = ", ".join(f"{key}={value}" for key, value in sorted(settings.items()))
        entry = self._audit(actor, f"cluster {cluster.name}: {said}", cluster=cluster.name)
        await self._commit(Write(before=cluster, after=after), entry)
        for host in await find_all(self._context.store, Host, cluster=cluster.name):
            self._conversations.settings_changed(host.id)
        return await cluster_now(self._context.store, cluster.name)

    def _grant(self, cluster: ClusterName, actor: str) -> NameGrant:
        unsigned = NameGrant(
            id=str(self._context.clock.uuid()),
            cluster=cluster,
            fleet=self._context.fleet.id,
            instance=self._context.fleet.instance,
            granted_by=actor,
            granted_at=self._context.clock.now(),
            key=self._context.signer.key,
            signature=b"",
        )
        return self._context.signer.grant(unsigned)

    async def _commit(self, write: Write, entry: JournalEntry) -> None:
        (refused,) = await self._context.store.commit((Changes(writes=(write,), entries=(entry,)),))
        if refused:
            raise Refused(refused)

    async def _commit_again(self, host: Host, after: Host, entry: JournalEntry) -> None:
        """Write the mode of a host that every report writes too; on a clash, try again."""
        while True:
            write = Write(before=host, after=after)
            (refused,) = await self._context.store.commit(
                (Changes(writes=(write,), entries=(entry,)),)
            )
            if not refused:
                return
            fresh = await self._context.store.get(Host, host.id)
            if fresh is None or fresh.version == host.version:
                raise Refused(refused)
            host, after = fresh, msgspec.structs.replace(fresh, mode=after.mode)

    def _audit(
        self,
        actor: str,
        what: str,
        *,
        host: HostId | None = None,
        cluster: ClusterName | None = None,
    ) -> JournalEntry:
        return JournalEntry(
            at=self._context.clock.now(),
            kind=EntryKind.AUDIT,
            actor=actor,
            what=what,
            host=host,
            cluster=cluster,
        )


def _named(what: str, name: str) -> None:
    if not _NAME.fullmatch(name):
        raise Refused(
            f"that is no name for a {what}",
            hint="at most 63 letters, digits, dots, dashes, underscores; first a letter or digit",
        )


def _policy(before: Policy, settings: dict[str, object]) -> Policy:
    known = set(Policy.__struct_fields__)
    unknown = sorted(set(settings) - known)
    if unknown or not settings:
        raise Refused(
            f"no such setting: {', '.join(unknown)}" if unknown else "no setting was given",
            hint="one of " + ", ".join(sorted(known)),
        )
    for setting, value in settings.items():
        try:
            msgspec.convert({setting: value}, Policy, strict=False)
        except msgspec.ValidationError as error:
            raise Refused(
                f"{setting} can't be {visible(bounded(str(value), 80))}",
                hint=f"{setting}: {allowed_values(setting)}",
            ) from error
    return msgspec.convert(msgspec.to_builtins(before) | settings, Policy, strict=False)
