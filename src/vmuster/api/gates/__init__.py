"""What every request passes before any route. They are gates and not dependencies of the routes:
a route that somebody adds later can't forget them.

entry        the path as it was written, the route, the key, the body
routing      which route a request means, before its body is read
keys         whose key it bears
scopes       what a key may do: a table, total by test
limits       who asks too much
rates        buckets and windows that limits are made of
peers        who asks, by address
envelopes    its id, in the answer and in the log
counting     it is counted
stopping     a server that is told to stop takes nothing new
capturing    an answer, kept from being sent
receiving    a body that was read, given back
rehearsing   requests made in vain: `dry_run`
repeating    requests sent again: idempotency keys
"""
