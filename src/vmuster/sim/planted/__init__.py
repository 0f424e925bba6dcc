"""Bugs that are planted into the shipped code, from outside: a law that finds none holds none."""
