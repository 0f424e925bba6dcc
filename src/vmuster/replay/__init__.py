"""What the passes would decide, with no server and no hypervisor: of cases, of a recording.

cases     one line of input as values
world     records and sightings carried from pass to pass, in memory
passes    deliver the reports of a case, pass by pass
original  what the original decided about VMs it did not know, for comparison
lines     lines in, lines out

recordings   a recording as bytes (codec: its lines; deltas: what changed between two passes)
differences  each recorded pass decided again, beside what it decided then
summary      differences added up
"""
