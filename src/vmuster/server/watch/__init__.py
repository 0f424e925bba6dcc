"""What follows from time passing and nobody saying anything; and who is told what was written.

sweep       the rounds
pulses      when each host last gave a sign of life
weather     how many hosts are up, for the breaker
alarms      what a person is told of lost hosts: one thing for a crowd
quiet       the quiet time; jumps: a clock that was set begins it anew
news        new entries of the journal, read once for everybody who waits for them
streams     whoever follows the journal (posts: webhooks that are told of it)
"""
