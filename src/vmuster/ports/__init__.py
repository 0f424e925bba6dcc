"""The four sockets behind which the world stands: store, link, driver, clock. Protocols only."""
