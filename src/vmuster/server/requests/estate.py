"""A person's requests about hosts and clusters: add, mode, policy. Every one is audited."""

import re
from typing import Final, Protocol

import msgspec

from vmuster.model.changes import Write
from vmuster.model.errors import Refused
from vmuster.model.host import Cluster, Fleet, Host, LoopbackProfile, NameGrant, Profile
from vmuster.model.ids import ClusterName, HostId
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.names import is_canonical
from vmuster.model.policy import Policy
from vmuster.model.policy_change import changed_policy
from vmuster.model.reach import flaw
from vmuster.model.states import HostMode, OperationKind, Standing, UnknownVms
from vmuster.model.text import bounded, visible
from vmuster.model.vm import Sighting, VmRecord
from vmuster.server.answers.saying import HOST_ID
from vmuster.server.context import Context, Conversations
from vmuster.server.paging import find_all
from vmuster.server.references import cluster_now, fleet_now, host_now
from vmuster.server.requests.amending import Expected, amend, anything, write
from vmuster.server.requests.closing import open_operations
from vmuster.server.requests.editing import HostEdit, edited, evidence, hypervisor, told
from vmuster.server.requests.recognition import Introductions

_NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62})", re.ASCII)
"""Names that we give (T10): they go into file names, URLs and shell lines. None looks like a host's
id, by which the host that has it would be meant no more."""


class Lines(Conversations, Introductions, Protocol):
    """The conversations, as far as requests about hosts concern them."""


class Estate:
    """Takes requests for one server. `loopback_hosts`: whether demo hosts may be added."""

    def __init__(self, context: Context, conversations: Lines, *, loopback_hosts: bool) -> None:
        self._context = context
        self._conversations = conversations
        self._loopback_hosts = loopback_hosts

    async def add_host(self, *, name: str, profile: Profile, cluster: Cluster, actor: str) -> Host:
        """A new host, in OBSERVE: nothing is changed there until a person sets another mode."""
        _named("host", name)
        self._check_reachable(profile)
        host = Host(
            id=HostId(f"h-{self._context.clock.uuid().hex[:12]}"),
            name=name,
            cluster=cluster.name,
            profile=profile,
            mode=HostMode.OBSERVE,
            added_at=self._context.clock.now(),
        )
        entry = self._audit(actor, f"host {name} was added to cluster {cluster.name}", host=host.id)
        await write(self._context.store, Write(before=None, after=host), entry)
        return await host_now(self._context.store, host.id)

    def _check_reachable(self, profile: Profile) -> None:
        if wrong := flaw(profile):
            raise Refused(wrong)
        if isinstance(profile, LoopbackProfile) and not self._loopback_hosts:
            raise Refused(
                "a loopback host is for demos and tests",
                hint="start the server with --allow-loopback-hosts",
            )

    async def set_mode(
        self, host: Host, mode: HostMode, *, actor: str, shared: bool = False
    ) -> Host:
        """Set what we may do on a host. As `edit_host`."""
        return await self.edit_host(host, HostEdit(mode=mode, shared=shared), actor=actor)

    async def edit_host(
        self, host: Host, edit: HostEdit, *, actor: str, expected: Expected = anything
    ) -> Host:
        """Change what is said of a host: all of it or nothing (see `editing`).

        Two fleets that manage one host take it from each other, so that MANAGE is refused where
        another fleet's marks are seen, unless a person says that they know. Where it is reached
        otherwise, the conversation begins anew. Another hypervisor of the same machine is refused
        while VMs of ours are on this one, or may be, since they would seem to be gone; else it
        begins in OBSERVE, as any host does.
        """
        if edit.name is not None:
            _named("host", edit.name)
        if edit.profile is not None:
            self._check_reachable(edit.profile)
        if edit.mode is HostMode.MANAGE and host.mode is not edit.mode and not edit.shared:
            await self._check_alone(host)

        async def read() -> Host:
            now = await host_now(self._context.store, host.id)
            await self._check_same_hypervisor(now, edit.profile)
            return now

        def change(now: Host) -> Host:
            expected(now)
            return edited(now, edit)

        after = await amend(
            self._context.store,
            read,
            change,
            lambda was: msgspec.structs.replace(
                self._audit(actor, told(was, edit), host=was.id), evidence=evidence(was, edit)
            ),
        )
        if after.profile != host.profile:
            await self._conversations.introduce(host.id)
        self._conversations.settings_changed(host.id)
        return after

    async def _check_same_hypervisor(self, host: Host, profile: Profile | None) -> None:
        if profile is None or hypervisor(profile) == hypervisor(host.profile):
            return
        store = self._context.store
        owned = await store.find(VmRecord, host=host.id, removed_at=None, limit=1)
        seen = await find_all(store, Sighting, host=host.id)
        ours = (*owned, *filter(_may_be_ours, seen))
        if ours:
            raise Refused(
                f"that is another hypervisor than the one of host {host.name}, where VMs of ours"
                f" are or may be, such as {visible(ours[0].name)}",
                hint="add it as a host of its own; or release the VMs first:"
                f" vmuster vm list --host {host.name}",
            )

    async def _check_alone(self, host: Host) -> None:
        foreign = await self._context.store.find(
            Sighting, host=host.id, standing=Standing.FOREIGN, absent=False
        )
        if foreign:
            names = ", ".join(visible(bounded(seen.name, 80)) for seen in foreign[:3])
            raise Refused(
                f"another fleet marks VMs on host {host.name}: {names}",
                hint=f"if both shall manage it: vmuster host mode {host.name} {HostMode.MANAGE}"
                " --shared",
            )

    async def add_cluster(self, name: str, *, actor: str) -> Cluster:
        """A new cluster with the default policy, which harms nothing."""
        _named("cluster", name)
        cluster = Cluster(
            name=ClusterName(name), policy=Policy(), created_at=self._context.clock.now()
        )
        entry = self._audit(actor, f"cluster {name} was added", cluster=cluster.name)
        await write(self._context.store, Write(before=None, after=cluster), entry)
        return await cluster_now(self._context.store, cluster.name)

    async def set_policy(
        self,
        cluster: Cluster,
        settings: dict[str, object],
        *,
        actor: str,
        expected: Expected = anything,
    ) -> Cluster:
        """Change some settings of a cluster's policy; all of them or none.

        `stop-by-name` makes a signed grant in the actor's name; any other rung withdraws it; it is
        refused while VMs with names of ours are being let go, since they would be stopped then. Of
        two who set a policy at the same moment, one is refused.
        """
        policy = changed_policy(cluster.policy, settings)
        by_name = policy.unknown_vms is UnknownVms.STOP_BY_NAME
        newly = by_name and cluster.policy.unknown_vms is not UnknownVms.STOP_BY_NAME

        async def read() -> Cluster:
            now = await cluster_now(self._context.store, cluster.name)
            if newly and now.policy == cluster.policy:
                await self._check_releases(now)
            return now

        grant = (cluster.grant or granted(self._context, cluster.name, actor)) if by_name else None

        def change(now: Cluster) -> Cluster:
            expected(now)
            if (now.policy, now.grant) != (cluster.policy, cluster.grant):
                raise Refused(
                    f"somebody else set the policy of cluster {cluster.name} at the same moment",
                    hint=f"vmuster cluster show {cluster.name}",
                )
            return msgspec.structs.replace(now, policy=policy, grant=grant)

        said = f"cluster {cluster.name}: {_said(settings)}"
        after = await amend(
            self._context.store,
            read,
            change,
            lambda was: self._audit(actor, said, cluster=was.name),
        )
        for host in await find_all(self._context.store, Host, cluster=cluster.name, readable=True):
            self._conversations.settings_changed(host.id)
        return after

    async def _check_releases(self, cluster: Cluster) -> None:
        """A release of such a name writes its cluster's row too, so that none is overlooked."""
        store, instance = self._context.store, self._context.fleet.instance
        hosts = {host.id for host in await find_all(store, Host, cluster=cluster.name)}
        for each in await open_operations(store):
            release = each.kind is OperationKind.RELEASE and each.host in hosts
            if release and is_canonical(each.name, instance):
                raise Refused(
                    f"{visible(each.name)} is being let go by {each.actor}, and would be stopped by"
                    " its name then",
                    hint=f"vmuster operation show {each.id}; ask again once it has ended",
                )

    async def set_fleet_policy(
        self, settings: dict[str, object], *, actor: str, expected: Expected = anything
    ) -> Fleet:
        """Change some settings of the fleet's policy; all of them or none."""
        said = _said(settings)
        store = self._context.store

        def change(fleet: Fleet) -> Fleet:
            expected(fleet)
            return msgspec.structs.replace(fleet, policy=changed_policy(fleet.policy, settings))

        self._context.fleet = await amend(
            store,
            lambda: fleet_now(store),
            change,
            lambda _: self._audit(actor, f"fleet: {said}"),
        )
        return self._context.fleet

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


def _may_be_ours(seen: Sighting) -> bool:
    """Whether what is remembered of a VM keeps it from being started elsewhere (L2)."""
    if seen.absent:
        return not seen.absence_confirmed
    return not seen.strange


def _named(what: str, name: str) -> None:
    if not _NAME.fullmatch(name) or HOST_ID.fullmatch(name):
        raise Refused(
            f"that is no name for a {what}",
            hint="at most 63 letters, digits, dots, dashes, underscores; first a letter or digit;"
            " not of the form of a host's id",
        )


def granted(context: Context, cluster: ClusterName, actor: str) -> NameGrant:
    """A signed leave, in the actor's name, to stop VMs in `cluster` by their names; not written."""
    unsigned = NameGrant(
        id=str(context.clock.uuid()),
        cluster=cluster,
        fleet=context.fleet.id,
        instance=context.fleet.instance,
        granted_by=actor,
        granted_at=context.clock.now(),
        key=context.signer.key,
        signature=b"",
    )
    return context.signer.grant(unsigned)


def _said(settings: dict[str, object]) -> str:
    return ", ".join(
        f"{visible(bounded(key, 80))}={visible(bounded(str(value), 80))}"
        for key, value in sorted(settings.items())
    )
