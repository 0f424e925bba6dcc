"""Stories as text: what happens in a simulated fleet, what must be so, and what came of it."""
