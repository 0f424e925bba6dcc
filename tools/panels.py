"""The panels of the dashboard, as a table: row by row what an operator wants to see."""

from typing import Final

import msgspec


class Panel(msgspec.Struct, frozen=True):
    """One panel. `queries`: expression → how its lines are called, each with `$I` where the
    instance is chosen and `$R` for the range of a rate."""

    title: str
    queries: dict[str, str]
    unit: str = "short"
    kind: str = "timeseries"
    width: int = 8


def _now(title: str, expression: str, unit: str = "short") -> Panel:
    return Panel(title, {expression: ""}, unit, "stat", 4)


def _slow(metric: str, by: str = "") -> dict[str, str]:
    """Half of them, and all but one of a hundred, took no longer; by label or all together."""
    more, called = (f", {by}", f"{{{{{by}}}}} ") if by else ("", "")
    rate = f"sum by (le{more}) (rate({metric}_bucket{{$I}}[$R]))"
    return {f"histogram_quantile({q}, {rate})": f"{called}p{round(q * 100)}" for q in (0.5, 0.99)}


ROWS: Final[dict[str, tuple[Panel, ...]]] = {
    "Fleet": (
        _now("Database answers", "min(vmuster_database_up{$I})"),
        _now("Quarantine", "max(vmuster_quarantine{$I})"),
        _now("Breakers open", "sum(vmuster_breaker_open{$I})"),
        _now("Plans that wait", 'sum(vmuster_held_plans{$I, state="held"})'),
        _now("VMs on two hosts", 'sum(vmuster_vms{$I, standing="duplicate"}) or vector(0)'),
        _now("VMs missing", 'sum(vmuster_vms_unseen{$I, phase="missing"}) or vector(0)'),
        Panel(
            "VMs by standing",
            {"sum by (standing) (vmuster_vms{$I})": "{{standing}}"},
        ),
        Panel("VMs by power", {"sum by (power) (vmuster_vms{$I})": "{{power}}"}),
        Panel(
            "VMs of ours not shown",
            {"sum by (phase) (vmuster_vms_unseen{$I})": "{{phase}}"},
        ),
        Panel(
            "What keeps automation back",
            {
                "max(vmuster_quarantine{$I})": "quarantine",
                "max(vmuster_fleet_disarmed{$I})": "fleet disarmed",
                "sum(vmuster_cluster_disarmed{$I})": "clusters disarmed",
                "sum(vmuster_hosts_disarmed{$I})": "hosts disarmed",
                "sum(vmuster_breaker_open{$I})": "breakers open",
            },
        ),
        Panel(
            "Quiet time left",
            {"max by (cluster) (vmuster_quiet_seconds{$I})": "{{cluster}}"},
            "s",
        ),
        Panel(
            "Alerts",
            {"sum by (rule) (increase(vmuster_alerts_total{$I}[$R])) > 0": "{{rule}}"},
        ),
    ),
    "Passes": (
        Panel(
            "Passes a second",
            {"sum by (outcome) (rate(vmuster_passes_total{$I}[$R]))": "{{outcome}}"},
        ),
        Panel("How long a pass takes", _slow("vmuster_pass_duration_seconds"), "s"),
        Panel(
            "New conclusions",
            {
                "topk(10, sum by (rule) (increase(vmuster_decisions_total{$I}[$R])) > 0)": (
                    "{{rule}}"
                )
            },
        ),
    ),
    "Acts": (
        Panel(
            "Operations ended",
            {
                "sum by (kind, result) (increase(vmuster_operations_total{$I}[$R]))": (
                    "{{kind}} {{result}}"
                )
            },
        ),
        Panel("How long operations take", _slow("vmuster_operation_duration_seconds", "kind"), "s"),
        Panel(
            "Under way",
            {
                "sum by (kind) (vmuster_operations_open{$I})": "{{kind}}",
                "sum(vmuster_commands_open{$I})": "commands",
            },
        ),
        Panel(
            "Answers of agents",
            {
                "sum by (command, outcome) (increase(vmuster_commands_answered_total{$I}[$R]))": (
                    "{{command}} {{outcome}}"
                )
            },
        ),
        Panel(
            "Commands sent",
            {
                "sum by (command, origin) (increase(vmuster_commands_total{$I}[$R]))": (
                    "{{command}} {{origin}}"
                )
            },
        ),
        Panel(
            "Budgets: automatic acts in ten minutes, and the limit",
            {
                "sum by (cluster, act) (increase(vmuster_automatic_acts_total{$I}[10m]))": (
                    "{{cluster}} {{act}}"
                ),
                "max by (cluster, act) (vmuster_cluster_acts_limit{$I})": "of {{cluster}} {{act}}",
                "max by (act) (vmuster_fleet_acts_limit{$I})": "of the fleet {{act}}",
            },
        ),
    ),
    "Hosts": (
        Panel("Hosts by health", {"sum by (health) (vmuster_hosts{$I})": "{{health}}"}),
        Panel("Hosts by mode", {"sum by (mode) (vmuster_hosts{$I})": "{{mode}}"}),
        Panel(
            "Hosts not up",
            {
                'sum by (cluster, health) (vmuster_hosts{$I, health!="up"})': (
                    "{{cluster}} {{health}}"
                ),
                "sum by (cluster) (vmuster_hosts_refused{$I}) > 0": "{{cluster}} refused",
            },
        ),
        Panel(
            "The oldest account",
            {"max by (cluster) (vmuster_oldest_account_age_seconds{$I})": "{{cluster}}"},
            "s",
        ),
        Panel(
            "The longest silence of an agent",
            {"max by (cluster) (vmuster_agent_silence_seconds{$I})": "{{cluster}}"},
            "s",
        ),
        Panel(
            "Greetings",
            {"sum by (outcome) (increase(vmuster_agent_hellos_total{$I}[$R]))": "{{outcome}}"},
        ),
    ),
    "Server": (
        Panel(
            "Commits a second",
            {"sum by (outcome) (rate(vmuster_database_commits_total{$I}[$R]))": "{{outcome}}"},
        ),
        Panel("How long a commit takes", _slow("vmuster_database_commit_duration_seconds"), "s"),
        Panel("Database", {"vmuster_database_size_bytes{$I}": "{{file}}"}, "bytes"),
        Panel(
            "Journal entries",
            {"sum by (kind) (increase(vmuster_journal_entries_total{$I}[$R]))": "{{kind}}"},
        ),
        Panel("CPU", {"rate(process_cpu_seconds_total{$I}[$R])": "{{instance}}"}, "percentunit"),
        Panel("Memory", {"process_resident_memory_bytes{$I}": "{{instance}}"}, "bytes"),
        Panel(
            "Certificate and API keys end in",
            {
                "vmuster_certificate_expiry_timestamp_seconds{$I} - time()": "certificate",
                "vmuster_api_key_expiry_timestamp_seconds{$I} - time()": "next API key",
            },
            "s",
        ),
        Panel("Files open", {"process_open_fds{$I}": "{{instance}}"}),
        Panel(
            "Mistakes: broken laws, failed requests; unreadable rows, jumps of the clock",
            {
                "increase(vmuster_clock_jumps_total{$I}[$R])": "jumps",
                "increase(vmuster_http_failures_total{$I}[$R])": "requests",
                "increase(vmuster_law_violations_total{$I}[$R])": "laws",
                "vmuster_database_unreadable_rows{$I}": "rows",
            },
        ),
    ),
    "API": (
        Panel(
            "Requests a second",
            {"sum by (code) (rate(vmuster_http_requests_total{$I}[$R]))": "{{code}}"},
        ),
        Panel("How long an answer takes", _slow("vmuster_http_request_duration_seconds"), "s"),
        Panel(
            "Refused for a limit",
            {
                "sum by (code) (increase(vmuster_http_requests_total"
                '{$I, code=~"408|413|414|429|431"}[$R]))': "{{code}}"
            },
        ),
        Panel(
            "The busiest routes",
            {
                "topk(10, sum by (method, route) (rate(vmuster_http_requests_total{$I}[$R])))": (
                    "{{method}} {{route}}"
                )
            },
        ),
        Panel(
            "Under way",
            {
                "sum(vmuster_http_requests_in_flight{$I})": "requests",
                "sum(vmuster_event_streams{$I})": "event streams",
            },
        ),
        Panel(
            "Webhooks",
            {
                "max(vmuster_webhook_behind_seconds{$I})": "seconds behind",
                "sum(vmuster_webhooks_failing{$I})": "failing",
                "sum(increase(vmuster_webhook_failures_total{$I}[$R]))": "posts not taken in",
            },
        ),
    ),
}
