"""A whole fleet in one thread, from one seed: the shipped code, a bad world, and the laws."""
