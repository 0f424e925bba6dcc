"""Command lines that go through every command and every option of `vmuster`, in their order.

Each is run on the estate (`tests/estates.py`) as those before it have left it. What stands in
braces is put in: `{dir}`, a folder; `{state}`, the state folder of a server that does not run;
`{url}`, `{plan}`, `{operation}`. The first line of each command is also the one to which what all
commands share is added: `-o`, `--dry-run`, `--context` and the like.
"""

from typing import Final

import msgspec


class Line(msgspec.Struct, frozen=True):
    """One command line; `says`: a word of what it prints, on either stream. `claimed`: host gamma
    has said before that it is another machine."""

    words: str
    says: str = ""
    status: int = 0
    stdin: str = ""
    claimed: bool = False


_L = Line
LOOKING: Final = (
    _L("--version", "vmuster, version"),
    _L("version", "."),
    _L("status", "ARMED"),
    _L("status --wait", "ARMED"),
    _L("fleet show", "instance"),
    _L("cluster list", "north"),
    _L("cluster ls", "north"),
    _L("cluster show default", "drift"),
    _L("cluster show nowhere", "there is no cluster", 1),
    _L("host list", "alpha"),
    _L("host ls --cluster north --mode manage --health up -n 1", "beta"),
    _L("host list --cluster north --mode manage --health up --limit 1", "beta"),
    _L("host list --mode perhaps", "manage", 2),
    _L("host show alpha", "simulated"),
    _L("host show alhpa", "alpha", 1),
    _L("vm list", "web-01"),
    _L("vm ls", "web-01"),
    _L("vm list --host alpha --cluster default --standing owned -n 5", "web-01"),
    _L("vm list --power running --desired running --phase running --limit 5", "web-01"),
    _L("vm list --name theirs", "foreign"),
    _L("vms --standing alien", "Windows 7"),
    _L("vm show web-01", "owned"),
    _L("vm show db-01 --host beta", "duplicate"),
    _L("vm explain web-01", "web-01"),
    _L("vm explain web-01 --host alpha -n 3 --why", "why"),
    _L("vm explain web-01 --limit 3", "web-01"),
    _L("explain {operation}", "adopt"),
    _L("explain {operation} -n 3 --why", "why"),
    _L("explain {operation} --limit 3", "adopt"),
    _L("rule standing-12", "alien"),
    _L("rule", "alien"),
    _L("plan", "alpha"),
    _L("plan --host alpha --mode maintenance --set drift=enforce", "alpha"),
    _L("plan --cluster north", "beta"),
    _L("plan --host alpha --cluster north", "not both", 2),
    _L("plan list", "beta"),
    _L("plan ls", "beta"),
    _L("plan show {plan}", "i-3-1-VM"),
    _L("journal", "adopt"),
    _L(
        "journal --vm web-01 --host alpha --kind request --actor anna -n 2"
        " --since 2020-01-01T00:00:00Z",
        "adopt",
    ),
    _L("journal --limit 2", "KIND"),
    _L("journal --follow --since 2020-01-01T00:00:00Z", "", 130),
    _L("journal -f --since 2020-01-01T00:00:00Z -o json", "{", 130),
    _L("journal head", ":"),
    _L("journal verify", "entries"),
    _L("journal verify --anchor 1:{zeros}", "", 1),
    _L("operation list", "adopt"),
    _L("operation ls", "adopt"),
    _L(
        "operation list --state done --kind adopt --vm web-01 --host alpha --actor anna -n 1",
        "done",
    ),
    _L("operation list --limit 1", "done"),
    _L("operation show {operation}", "done"),
    _L("key list", "SIGNS"),
    _L("key ls", "SIGNS"),
    _L("credential list", "fleet-ssh"),
    _L("credential ls", "fleet-ssh"),
    _L("api-key list", "script"),
    _L("api-key ls", "script"),
    _L("api-key show-self", "anna"),
    _L("webhook list", "pager"),
    _L("webhook ls", "pager"),
    _L("webhook show pager", "hooks.example"),
    _L("quarantine show", "no quarantine"),
    _L("doctor", "machine"),
    _L("doctor --deep -q", ""),
    _L("doctor --quiet", ""),
    _L("doctor --state-dir {state} --config {dir}/server.toml --deep", "database"),
    _L("api GET /vms?limit=1", "items"),
    _L("api POST /clusters --body - --dry-run", "west", stdin='{"name": "west"}'),
    _L("record show", "nothing is recorded"),
    _L("replay --from {dir}/recording.jsonl.gz", "no difference"),
    _L("replay --from {dir}/recording.jsonl.gz --mode observe --policy unknown_vms=leave", "-1"),
    _L("replay --from {dir}/recording.jsonl.gz --policy-file {dir}/policy.yaml", "differences"),
    _L(
        "replay --from {dir}/recording.jsonl.gz --mode observe --fail-on-difference",
        "otherwise",
        1,
    ),
    _L("replay --from {dir}/recording.jsonl.gz --policy drift=sideways", "drift", 2),
    _L("replay {dir}/cases.jsonl", "alien"),
    _L("sim --from {dir}/recording.jsonl.gz", "2 passes"),
    _L("sim --from {dir}/recording.jsonl.gz --mode observe --policy unknown_vms=leave", "-1 stop"),
    _L("sim --from {dir}/recording.jsonl.gz --policy-file {dir}/policy.yaml -o json", "records"),
    _L("sim --from {dir}/recording.jsonl.gz --mode observe --fail-on-difference", "otherwise", 1),
    _L("sim --from {dir}/recording.jsonl.gz --seeds 1", "of their own", 2),
    _L("sim --seeds 1 --start 4711 --jobs 1 --output json", "schedules"),
    _L("sim --planted drift-is-never-enforced --seeds 1 --jobs 1", "drift-is-never-enforced"),
    _L("sim --exhaustive --faults 0", "complete: no violation"),
    _L("sim {dir}/story.txt --update", "story.txt"),
    _L("sim {dir}/story.txt", "story.txt"),
    _L("completion bash", "complete"),
    _L("completion zsh", "compdef"),
    _L("completion fish", "complete"),
)
ACTING: Final = (
    _L("disarm --host alpha --why 'new disk'", "alpha"),
    _L("disarm --cluster north --why switch", "north"),
    _L("arm --host alpha", "automation"),
    _L("arm --cluster north", "--yes", 1),
    _L("arm --cluster north -y", "ARMED"),
    _L("cluster add east", "east"),
    _L("cluster policy set east drift=enforce -y", "enforce"),
    _L("cluster policy set east restart=always --yes", "always"),
    _L("fleet policy set dark_percent_max=25", "25"),
    _L("host mode alpha cordoned --shared -y", "cordoned"),
    _L("host mode alpha manage --shared --yes", "manage"),
    _L("host mode alpha sideways", "manage", 2),
    _L("host add west-1 --tls west.example.org --port 16515 --session --cluster east", "west-1"),
    _L("host add near --local -y", "near"),
    _L("host add loop --loopback 16000", "for demos", 1),
    _L(
        "host add far --ssh root@far.example.org --host-key {host_key} --credential fleet-ssh",
        "far",
    ),
    _L("host add seen --ssh seen.example.org --trust-first-key --yes", "seen"),
    _L("host add --from {dir}/hosts.txt", "south"),
    _L("host add lost --tls lost.example.org", "lost", 1),
    _L("host set west-1 --rename west --tls west.example.net --system --port 16514 -y", "west"),
    _L("host set west --no-credential --session --yes", "west"),
    _L("host set far --host-key {host_key} --credential fleet-ssh", "far"),
    _L("host set seen --ssh seen.example.org --trust-first-key -y", "seen"),
    _L("host set near --local", "near"),
    _L("host set near --loopback 16000", "for demos", 1),
    _L("host accept near --uuid {claimed} -y", "claims nothing", 1),
    _L("host accept gamma --uuid {claimed} --yes", "gamma", claimed=True),
    _L("host remove south", "--yes", 1),
    _L("host remove south -y", "south"),
    _L("host remove near --release --yes", "near"),
    _L("host remove lost --forget --dead --yes", "lost"),
    _L("plan approve {plan}", "--yes", 1),
    _L("plan reject {plan} -y", "rejected"),
    _L("plan reject {plan} --yes", "rejected"),
    _L("plan approve {plan} -y", "approved"),
    _L("plan approve 00000000 --yes", "there is no plan", 1),
    _L("vm adopt 'Windows 7 (32-bit) (1)' --host alpha --name i-5-1-VM -y", "done"),
    _L("vm adopt --all --standing lookalike --host alpha --yes --no-wait", "i-2-78-VM"),
    _L("vm adopt --all --standing orphan --wait -y", "db-02"),
    _L("vm stop web-01 --force --host alpha -y --wait", "done"),
    _L("vm stop web-02 --yes --no-wait", "web-02"),
    _L("vm start web-01 --host alpha -y --wait", "done"),
    _L("vm start web-02 --yes --no-wait", "web-02"),
    _L("vm forget gone-02 --host alpha -y --wait", "forgotten"),
    _L("vm forget gone-02 --yes --no-wait", "gone-01", 1),
    _L("vm forget web-01 --on beta -y", "beta", 1),
    _L("vm release web-01 --host alpha -y --wait", "done"),
    _L("vm release web-02 --yes --no-wait", "web-02"),
    _L("vm release theirs -y", "not ours", 1),
    _L("key rotate", "--yes", 1),
    _L("key rotate -y", "SIGNS"),
    _L("key rotate --yes", "false"),
    _L(
        "credential add west-tls --tls-ca {dir}/ca.pem --tls-cert {dir}/cert.pem"
        " --tls-key {dir}/key.pem -y",
        "west-tls",
    ),
    _L("credential add east-ssh --ssh-key {dir}/ssh.key --yes", "east-ssh"),
    _L("credential remove east-ssh -y", "east-ssh"),
    _L("credential remove west-tls --yes", "west-tls"),
    _L("api-key create night --scope operate --expires 30d", "vmuster_"),
    _L("api-key revoke night -y", "night"),
    _L("api-key revoke script --yes", "script"),
    _L(
        "webhook add night https://hooks.example/night --kind alert --kind held"
        " --secret-file {dir}/secret",
        "night",
    ),
    _L("webhook test night", "night"),
    _L("webhook remove night -y", "night"),
    _L("webhook remove pager --yes", "pager"),
    _L("record start", "on until"),
    _L("record start --hours 1", "runs already", 1),
    _L("record stop", "by anna"),
    _L("record drop", "--yes", 1),
    _L("record drop -y", "nothing is recorded"),
    _L("record start --max-mib 8", "of 8 MiB"),
    _L("record drop --yes", "nothing is recorded"),
    _L("record start --hours 2", "on until"),
    _L("quarantine leave -y", "no quarantine"),
    _L("quarantine leave --without beta --yes", "no quarantine"),
)
"""What changes something."""
HERE: Final = (
    _L("record fetch {dir}/one.gz --url {url} --key vmuster_anna -o json --color never", "size"),
    _L("record fetch {dir}/two.gz --context home", "passes"),
    _L("record fetch {dir}/two.gz", "two.gz", 1),
    _L("context add north --url {url} --key-file {dir}/api.key -o json --color never", "north"),
    _L(
        "context add south --url https://south.example:1 --ca {dir}/ca.pem --no-check"
        " --key-file {dir}/api.key",
        "south",
    ),
    _L(
        "context add east --url https://east.example:1 --fingerprint {fingerprint} --no-check"
        " --key-file {dir}/api.key",
        "east",
    ),
    _L("context list", "north"),
    _L("context ls", "north"),
    _L("context show", "north"),
    _L("context show north", "north"),
    _L("context use south", "south"),
    _L("context rename south oslo -o json --color never", "oslo"),
    _L("context remove oslo -o json --color never", "oslo"),
    _L(
        "backup create {dir}/monday.db -o json --color never --state-dir {state}"
        " --config {dir}/server.toml",
        "anchor",
    ),
    _L(
        "backup keys {dir}/keys.tar -o json --color never --state-dir {state}"
        " --config {dir}/server.toml",
        "keys",
    ),
    _L("backup verify {dir}/monday.db --keys {dir}/keys.tar", "good"),
    _L("restore {dir}/monday.db --state-dir {state}", "--yes", 1),
    _L(
        "restore {dir}/monday.db --keys {dir}/keys.tar -y --state-dir {state}"
        " --config {dir}/server.toml",
        "aside",
    ),
    _L("restore --undo --yes -o json --color never --state-dir {state}", "aside"),
    _L("serve --check --config {dir}/server.toml --state-dir {state}", "in order"),
    _L("serve --show-settings -o json", "state_dir"),
)
"""What works on this machine alone."""
