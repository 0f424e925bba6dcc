"""What the passes would decide: JSON lines in, JSON lines out, with no server and no hypervisor.

cases     one line of input as values
world     records and sightings carried from pass to pass, in memory
passes    deliver the reports of a case, pass by pass
original  what the original decided about VMs it did not know, for comparison
lines     lines in, lines out
"""
