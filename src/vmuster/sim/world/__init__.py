"""The simulated world: hosts, agents, network, database, servers and people, and what truly is."""
