"""The doctor: facts are gathered, and tables of pure checks say what is wrong and how to mend it.

`place` is what lies outside the database (machine, state folder, keys), as `wiring/` finds it;
`records` is what the database holds. A check sees nothing but facts, so that each can be tested by
one thing that is wrong in an otherwise healthy world.
"""
