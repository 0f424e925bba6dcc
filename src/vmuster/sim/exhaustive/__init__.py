"""Every world that a few faults can lead to: two hosts, two VMs, the shipped core and guard.

A search, where the simulator samples. It is complete: it ends when nothing new is left. What it
leaves out is said where it is left out; all else in it is as free as it can be.

setting    what never changes: the fleet, its hosts, the two VMs, the policy
truth      what truly is on the hosts, and what hands do to it
looks      what a look at a host can give, honest or not
numbers    intake numbers, reduced to the order that rules go by
knowledge  what the database holds
intake     a report is taken in by the shipped core, and its changes are applied
deeds      a command meets the live VM, judged by the shipped guard
requests   what a person asks for, and what becomes of it
laws       the laws, held against the true world
state      all of it as one value
moves      everything that can happen next
search     breadth first, until nothing new is left
telling    what was found, for people
servers    the small model of two servers that both believe they own a host
"""
