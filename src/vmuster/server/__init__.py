"""The server: takes reports in, lets the core decide, writes and sends. Thin, around `reconcile`.

context     what every part of the server is given
switchboard every conversation, kept up
sessions    one conversation with one agent: what it says
greeting    which host it is, and the epoch that it is given
troubles    why a host gives no account, written down once
telling     what it is told
intake      a report's whole way: load, decide, commit
writes      a plan as one set of changes
results     what became of a command
dispatch    the outbox, to the host, until answered, while wanted
sweep       what follows from time passing: silence, and requests that wait too long
pulses      when each host last gave a sign of life
weather     how many hosts are up, for the breaker
alarms      what a person is told of lost hosts: one thing for a crowd
quiet       the quiet time after a start; jumps heeds a clock that was set
operations  a person's requests about VMs
estate      a person's requests about hosts and clusters
views       answers to questions
founding    a fleet's first start: id, key
"""
