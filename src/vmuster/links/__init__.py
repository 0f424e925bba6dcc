"""Ways between a server and an agent."""
