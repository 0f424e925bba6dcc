"""What people ask for: checked, written down as a wish, audited; a pass or an agent does the rest.

operations  start, stop, adopt, release (adoption, turns, forgetting)
estate      hosts, clusters, policies
arming      automation armed and disarmed
holds       held plans, approved or rejected
removal     a host leaves the fleet (closing: what it leaves open)
recognition a host that introduced itself as somebody else
quarantine  the way out of it (past: what the old database still wanted)
recordings  passes kept for a replay
webhooks    who is told of what by itself
"""
