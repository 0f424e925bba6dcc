"""A fleet's recorded past, carried through: had it been otherwise, what would have become of it?

The reports of a recording are what the hosts show, at their moments. The shipped server takes them
in, over rows that go from pass to pass: what one pass wrote, the next one reads. Beside them stand
the rows as they were; what changed in these between two passes was done by other hands (people,
agents' answers, the sweep), and is done to the supposed rows too.

The hosts do not react: their reports are what they were. So after the first difference the course
is a supposition.
"""
