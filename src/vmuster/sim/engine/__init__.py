"""The machine under a simulation: one thread, one seed, virtual time, mortal processes."""
