"""Settings, and the only place that names concrete stores, links and drivers."""
