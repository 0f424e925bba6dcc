"""The REST API: parse, ask the server, answer. No judgement of its own.

app        the application, put together
gates      what every request passes first: its path, its key, its size
keys       whose key a request bears
bodies     what a request may say
answers    what a response says, and never says
problems   refusals and failures as problem documents
schemas    answers and problems in the OpenAPI document
asking     what routes are given: the service, the actor, references
waiting    requests that wait for something to happen
hosts clusters vms operations journal health    the routes
"""
