"""What somebody does past vmuster, on the hosts themselves; and what guests do."""
