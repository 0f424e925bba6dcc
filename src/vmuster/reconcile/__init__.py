"""The heart: recorded + report + policy + now → plan. Values in, values out; it cannot fail.

freshness   may this report be believed at all
pairing     each VM of the report beside what we know of it
ownership   is its mark true; the only maker of proofs
standing    what it is to us (table)
inflight    what became of an operation on it
classify    what to conclude about an owned one (table)
lifecycle   where its record goes (table)
absence     what a report without it is worth, and where it went
remedy      the command that follows, with its proof
idle        why nothing at all is done automatically now
too_new     is our database older than its hosts
remembered  what an agent remembers of us, beside what our database knows
identity    is this the host that it was
silence     what a host's silence makes of its health, and how it comes back (table)
breaker     when much is dark at once, nothing is done
overdue     what becomes of an operation whose host gives no account
limits      how much may happen by itself (table)
holds       what waits for a person, and what they said
laws        a second opinion on the whole plan
explain     all of it in words
rest        which VMs may be left alone until something about them changes
stirring    what a commit changes for VMs at rest (table)
passed      one pass as it was, so that it can be decided again
"""
