"""What follows from time passing and nobody saying anything.

sweep       the rounds
pulses      when each host last gave a sign of life
weather     how many hosts are up, for the breaker
alarms      what a person is told of lost hosts: one thing for a crowd
quiet       the quiet time; jumps: a clock that was set begins it anew
"""
