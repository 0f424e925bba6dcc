"""The only place that names concrete stores, links and drivers.

settings   what a server is told at its start: one table, from files, environment and flags
serving    the process that serves: put together, listening, logging, told to stop
secrets    files that hold secrets, and what is made of them
outside    agents, the clock, hosts that are far, receivers of posts
backups    copies of a state folder, and the way back
checkup    what the doctor sees of this machine
"""
