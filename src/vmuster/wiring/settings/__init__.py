"""What a server is told at its start: one table, from files, environment and flags."""
