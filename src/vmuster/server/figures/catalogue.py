"""Every metric of our own. `docs/metrics.md` is made of this table, and so is what is exposed."""

from typing import Final

from vmuster.model.policy import WINDOW_SECONDS
from vmuster.server.figures import labels as by
from vmuster.server.figures.metric import Metric, counter, durations, gauge, worst

_QUICK: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
_ANSWER: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_PATIENT: Final = (1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0)

BUILD = worst("vmuster_build_info", "", "Always 1; what runs.", by.VERSION, by.PYTHON)

HOSTS = gauge("vmuster_hosts", "hosts", "Hosts.", by.CLUSTER, by.HEALTH, by.MODE)
HOSTS_REFUSED = gauge(
    "vmuster_hosts_refused", "hosts", "Hosts that are not who they were, and not heard.", by.CLUSTER
)
HOSTS_DISARMED = gauge(
    "vmuster_hosts_disarmed", "hosts", "Hosts on which automation is disarmed.", by.CLUSTER
)
ACCOUNT_AGE = worst(
    "vmuster_oldest_account_age_seconds",
    "seconds",
    "Age of the oldest last whole account, of all hosts that ever gave one and are not in"
    " maintenance.",
    by.CLUSTER,
)
SILENCE = worst(
    "vmuster_agent_silence_seconds",
    "seconds",
    "Since the agent that is silent for longest said anything, but those of hosts in maintenance.",
    by.CLUSTER,
)
HELLOS = counter("vmuster_agent_hellos_total", "greetings", "Greetings of agents.", by.GREETING)
VMS = gauge("vmuster_vms", "VMs", "VMs that hosts show.", by.STANDING, by.POWER)
VMS_UNSEEN = gauge(
    "vmuster_vms_unseen",
    "VMs",
    "VMs of ours that their host does not show; with phase `missing` that is certain.",
    by.PHASE,
)

PASSES = counter("vmuster_passes_total", "passes", "Reports that came to their pass.", by.PASS)
PASS_SECONDS = durations(
    "vmuster_pass_duration_seconds", "From a report to its commit, or its refusal.", _QUICK
)
DECISIONS = counter(
    "vmuster_decisions_total", "decisions", "New conclusions about VMs and hosts.", by.RULE
)
ALERTS = counter(
    "vmuster_alerts_total", "entries", "Journal entries that a person should look at.", by.RULE
)
VIOLATIONS = counter(
    "vmuster_law_violations_total",
    "acts",
    "Acts that would have broken a law: they were not sent, and it is a mistake of ours.",
)
HELD_PLANS = gauge("vmuster_held_plans", "plans", "Plans over a budget.", by.HOLD)

OPERATIONS = counter(
    "vmuster_operations_total",
    "operations",
    "Operations ended.",
    by.OPERATION,
    by.ORIGIN,
    by.RESULT,
)
OPERATION_SECONDS = durations(
    "vmuster_operation_duration_seconds", "Of operations that ended.", _PATIENT, by.OPERATION
)
OPERATIONS_OPEN = gauge(
    "vmuster_operations_open", "operations", "Operations that are not ended.", by.OPERATION
)
COMMANDS = counter(
    "vmuster_commands_total", "commands", "Commands put into the outbox.", by.COMMAND, by.ORIGIN
)
ANSWERS = counter(
    "vmuster_commands_answered_total", "commands", "First answers.", by.COMMAND, by.ANSWER
)
COMMANDS_OPEN = gauge("vmuster_commands_open", "commands", "Commands without an answer.")
AUTOMATIC_ACTS = counter(
    "vmuster_automatic_acts_total",
    "acts",
    "Automatic starts and stops put into the outbox: what the budgets are spent on.",
    by.CLUSTER,
    by.ACT,
)
CLUSTER_LIMIT = worst(
    "vmuster_cluster_acts_limit",
    "acts",
    f"Automatic acts that a cluster's budget allows within {WINDOW_SECONDS:g} seconds.",
    by.CLUSTER,
    by.ACT,
)
FLEET_LIMIT = worst(
    "vmuster_fleet_acts_limit",
    "acts",
    f"Automatic acts that the fleet's budget allows within {WINDOW_SECONDS:g} seconds.",
    by.ACT,
)

QUARANTINE = worst("vmuster_quarantine", "", "1 while the fleet is in quarantine.")
FLEET_DISARMED = worst("vmuster_fleet_disarmed", "", "1 while the whole fleet is disarmed.")
CLUSTER_DISARMED = worst(
    "vmuster_cluster_disarmed", "", "1 while the cluster itself is disarmed.", by.CLUSTER
)
BREAKER = worst(
    "vmuster_breaker_open",
    "",
    "1 while too many hosts are not up, or were not counted: nothing is done automatically.",
    by.CLUSTER,
)
QUIET = worst("vmuster_quiet_seconds", "seconds", "What is left of the quiet time.", by.CLUSTER)
JUMPS = counter("vmuster_clock_jumps_total", "jumps", "Jumps of the server's wall clock.")

ENTRIES = counter("vmuster_journal_entries_total", "entries", "Entries written.", by.ENTRY)
HEAD = worst("vmuster_journal_head", "", "The number of the journal's last entry.")

COMMITS = counter(
    "vmuster_database_commits_total", "sets", "Sets of changes, all or nothing each.", by.COMMIT
)
COMMIT_SECONDS = durations(
    "vmuster_database_commit_duration_seconds",
    "Of transactions, the wait for their turn with them; each holds one set or several.",
    _QUICK,
)
DATABASE_UP = worst("vmuster_database_up", "", "1 where the database answered these questions.")
DATABASE_BYTES = worst("vmuster_database_size_bytes", "bytes", "The database's files.", by.FILE)
UNREADABLE = worst(
    "vmuster_database_unreadable_rows", "rows", "Rows that somebody wanted, and that are damaged."
)
COUNTED = worst(
    "vmuster_counted_timestamp_seconds",
    "seconds since 1970",
    "When the numbers that come from the database were counted last.",
)

REQUESTS = counter(
    "vmuster_http_requests_total", "requests", "Requests answered.", by.ROUTE, by.METHOD, by.CODE
)
FAILURES = counter(
    "vmuster_http_failures_total",
    "requests",
    "Requests that failed in a way that nobody thought of, with status 500.",
)
REQUEST_SECONDS = durations(
    "vmuster_http_request_duration_seconds",
    "Until an answer began: a stream lasts, and those that wait for something do wait.",
    _ANSWER,
    by.ROUTE,
    by.METHOD,
)
IN_FLIGHT = gauge("vmuster_http_requests_in_flight", "requests", "Requests under way.")
STREAMS = gauge("vmuster_event_streams", "streams", "Streams of events that are open.")
WEBHOOKS = gauge("vmuster_webhooks", "webhooks", "Webhooks.")
WEBHOOKS_FAILING = gauge(
    "vmuster_webhooks_failing", "webhooks", "Webhooks whose last post was not taken in."
)
WEBHOOK_BEHIND = worst(
    "vmuster_webhook_behind_seconds",
    "seconds",
    "Age of the oldest entry that a webhook was to be told of and was not, of all webhooks.",
)
WEBHOOK_FAILURES = counter(
    "vmuster_webhook_failures_total", "posts", "Posts that were not taken in."
)
KEY_ENDS = worst(
    "vmuster_api_key_expiry_timestamp_seconds",
    "seconds since 1970",
    "When the API key ends that ends next; not there where none does.",
)
CERTIFICATE_ENDS = worst(
    "vmuster_certificate_expiry_timestamp_seconds",
    "seconds since 1970",
    "When the certificate ends that the server shows; not there without TLS.",
)

METRICS: Final[tuple[Metric, ...]] = tuple(
    value for value in list(globals().values()) if isinstance(value, Metric)
)
"""All of them, in the order of this file."""
