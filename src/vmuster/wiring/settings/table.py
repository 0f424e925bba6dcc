"""Every setting of a server: what it may be, what it is if nobody says, and what it means.

This table is all there is: files, variables and flags are read by it (`configuring`), the flags of
`vmuster serve` and docs/configuration.md are made of it. No setting is a secret: those are files of
their own, which a setting may name.
"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import msgspec

from vmuster.api.gates.limits import Limits
from vmuster.wiring.settings.places import default_state_dir

Address = Annotated[str, msgspec.Meta(min_length=2, max_length=45)]
Port = Annotated[int, msgspec.Meta(ge=0, le=65_535)]
Instance = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Seconds = Annotated[float, msgspec.Meta(ge=0.5, le=600.0)]
Words = Annotated[tuple[str, ...], msgspec.Meta(max_length=100)]
Url = Annotated[str, msgspec.Meta(max_length=2000)]


class LogLevel(StrEnum):
    """From which weight on something is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What a server goes by. The defaults serve one person at a desk, on loopback."""

    state_dir: Path = msgspec.field(default_factory=default_state_dir)
    """The folder with the database, the keys, the certificates and the agents' journals. By default
    /var/lib/vmuster for root, else ~/.local/state/vmuster."""
    instance: Instance = "VM"
    """The last part of our VMs' names, where the fleet is founded; an existing fleet keeps its."""
    call_seconds: Seconds = 15.0
    """Seconds that a hypervisor's call is waited for; then the wait, not the act, is given up."""
    allow_loopback_hosts: bool = False
    """For demos: hosts whose hypervisor is spoken to in clear text, on this machine."""
    restored: bool = False
    """The database is a backup: change nothing on any host until 'vmuster quarantine leave'."""
    host: Address = "127.0.0.1"
    """The address to listen at. Anything but loopback is served over TLS only."""
    port: Port = 8040
    """The port to listen at; 0: one that is free, which client.toml and the log then say."""
    tls_cert: Path | None = None
    """The server's certificate with those that vouch for it (PEM). Where none is given, an own CA
    in the state folder's tls/ makes one that is good for 90 days, and renews it."""
    tls_key: Path | None = None
    """The certificate's private key (PEM, not encrypted); nobody but its owner and group may read
    it."""
    tls_names: Words = ()
    """Names and addresses by which clients call this server, for the own CA's certificate; besides
    its address, its host name and localhost."""
    log_level: LogLevel = LogLevel.INFO
    """From which weight on something is logged."""
    json_logs: bool = False
    """Log lines as JSON, for programs; else key=value."""
    otel_endpoint: Url = ""
    """Where traces are sent: the url of an OpenTelemetry collector (OTLP over HTTP), such as
    http://127.0.0.1:4318; empty: nowhere. Needs vmuster[otel]."""
    webhook_allow: Words = ()
    """Networks to which webhooks may post though they are not public, also in clear text:
    10.0.0.0/8."""
    limits: Limits = Limits()
    """How much of the server one asker may take."""


SECTIONS: Final = {
    "The server": ("state_dir", "instance", "call_seconds", "allow_loopback_hosts", "restored"),
    "Listening": ("host", "port", "tls_cert", "tls_key", "tls_names"),
    "Telling": ("log_level", "json_logs", "otel_endpoint"),
    "Webhooks": ("webhook_allow",),
    "Limits of the API": ("limits",),
}
"""The settings, as the documentation shows them."""
ONCE: Final = frozenset({"restored"})
"""What is said with a flag alone: in a file it would be said again at every start."""
