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
limits      how much may happen at once
laws        a second opinion on the whole plan
explain     all of it in words
"""
