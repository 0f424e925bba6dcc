"""The REST API: parse, ask the server, answer. No judgement of its own.

app          the application, put together
gates        what every request passes first: its path, its key, its size
keys         whose key a request bears
queries      what may stand in a URL's query
bodies       what a request may say
profiles     how a host is reached, as a request may say it
answers      what a response says, and never says
problems     refusals and failures as problem documents
schemas      answers and problems in the OpenAPI document
asking       what routes are given: the service, the actor, references
remembering  what a reference to a VM means where the VM may be gone
waiting      requests that wait for something to happen

The routes: status fleet hosts host_keys credentials clusters vms operations plans journal
quarantine health
"""
