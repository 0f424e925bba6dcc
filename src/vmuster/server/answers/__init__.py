"""Answers to questions; nothing here writes.

views       what is there, what it is to us, and why
status      the state of the fleet, first thing in the morning
preview     what the next pass would do
"""
