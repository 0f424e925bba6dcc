"""Kinds of id: one type each, so that no id is taken for another.

Uuids are `uuid.UUID` values, never text: text forms (case, braces, unicode digits) are folded
at the edge, once (threat T37).
"""

from typing import NewType
from uuid import UUID

FleetId = NewType("FleetId", UUID)
KeyId = NewType("KeyId", UUID)
VmUuid = NewType("VmUuid", UUID)
"""The hypervisor's own uuid of a VM: half of its identity (the other half is the mark)."""
HostUuid = NewType("HostUuid", UUID)
"""The hypervisor's own uuid of its host: the identity of a host."""
CommandId = NewType("CommandId", UUID)
OperationId = NewType("OperationId", UUID)
PlanId = NewType("PlanId", UUID)
"""Of a held plan, as a person read it."""

HostId = NewType("HostId", str)
"""Our short name for a host record; never reused."""
ClusterName = NewType("ClusterName", str)
