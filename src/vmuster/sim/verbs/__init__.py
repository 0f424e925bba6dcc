"""Everything that can happen in a simulated world, as sentences."""
