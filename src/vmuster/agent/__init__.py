"""The agent: looks at one hypervisor, reports, and carries out what it can prove again itself.

observer   a look becomes a report
inquiry    what the witness says, and never waited for
heart      signs of life, apart from everything else
wishes     what to look at next, and when everything
moment     what the guard judges by
guard      may this be done, judged on the live VM: its own code, shared with no server
judge      the guard, as a driver asks it
executor   at most once, with the journal
journal    what was begun and what came of it, and how far the server had come, durably
loop       the life of an agent: connect, look, report, obey
"""
