"""The server: takes reports in, lets the core decide, writes and sends. Thin, around `reconcile`.

talks       conversations with agents: what they say, what they are told
passes      one report's way: load, judge, decide, commit
watch       what follows from time passing: silence, the breaker, the quiet time
requests    what people ask for
answers     what people are told
secrets     keys and credentials
checkup     the doctor: facts, and tables of checks over them
figures     what is counted for monitoring: a table, counters, gauges

context     what every part of the server is given
service     the parts put together, from start to stop
founding    a fleet's first start: id, key
"""
