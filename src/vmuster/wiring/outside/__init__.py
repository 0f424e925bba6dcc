"""What lies outside the process: agents, clock, hosts that are far, receivers of posts."""
