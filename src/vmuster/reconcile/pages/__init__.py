"""What a person reads about each rule: when it applies, what follows, why, and what to do.

One file for each room of the house that can name a rule. What stands in a table is taken from it;
a text stands here only where no table has it. `reconcile/rules.py` puts the pages together.
"""
