"""The server: takes reports in, lets the core decide, writes and sends. Thin, around `reconcile`.

context     what every part of the server is given
switchboard every conversation, kept up
sessions    one conversation with one agent: what it says
telling     what it is told
intake      a report's whole way: load, decide, commit
writes      a plan as one set of changes
results     what became of a command
dispatch    the outbox, to the host, until answered, while wanted
operations  a person's requests about VMs
estate      a person's requests about hosts and clusters
views       answers to questions
founding    a fleet's first start: id, key
"""
