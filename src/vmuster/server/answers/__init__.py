"""Answers to questions; nothing here writes.

saying      how every value is said: times, names of hosts, what is left out
views       what is there, what it is to us, and why
status      the state of the fleet, first thing in the morning
preview     what the next pass would do
"""
