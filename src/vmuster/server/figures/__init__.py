"""What monitoring is told: every figure in one table, counted where it happens, or asked for.

Counters are of this process and begin at 0 with it. Most are counted in one place, where something
is written down (`commits.py`): what was counted was done, and what a guard refused was not. What
is a state and no event is read when somebody asks (`memory.py`, `database.py`). No name that
a stranger can choose becomes the value of a label (T36): labels are closed, or bounded.
"""
