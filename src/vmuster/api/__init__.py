"""The REST API: parse, ask the server, answer. No judgement of its own.

app          the application, put together
gates        what every request passes first: its path, its key, its size
keys         whose key a request bears
queries      what may stand in a URL's query
bodies       what a request may say
capturing    an answer, kept from being sent
rehearsing   requests made in vain: `dry_run`
repeating    requests sent again: idempotency keys
profiles     how a host is reached, as a request may say it
answers      responses, said when they are sent
paging       lists, a page at a time
cursors      where the next page begins
tags         whether what was read is still so: `ETag`, `If-Match`
problems     refusals and failures as problem documents
schemas      what routes give, by name
documents    the OpenAPI document, such that programs can be generated from it
asking       what routes are given: the service, the actor, references
remembering  what a reference to a VM or a host means where it may be gone
waiting      requests that wait for something to happen

The routes: status fleet hosts host_keys credentials clusters vms operations plans journal
quarantine health
"""
