"""Backups of a state folder: taken, verified, put back, and put away again."""
