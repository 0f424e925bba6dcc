"""What comes with a request, read.

asking        what routes are given: the service, the actor, references
bodies        what a request may say
profiles      how a host is reached, as a request may say it
queries       what may stand in a URL's query
cursors       where the next page begins
tags          whether what was read is still so: `ETag`, `If-Match`
remembering   what a reference to a VM or a host means where it may be gone
"""
