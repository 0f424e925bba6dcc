"""Keys and credentials: who signs, what opens a host, and how neither gets out.

signing     the server's signature on marks and grants
rotation    a new signing key, in steps that a crash may part
credentials what opens a host, sealed (secret_forms: what is taken and shown)
host_keys   what a host shows, and what is known of it
"""
