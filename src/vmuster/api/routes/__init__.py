"""The routes, a module for each noun: they parse, call the server, and answer."""
