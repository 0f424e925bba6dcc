"""The Python client of the REST API.

rest     the client, put together: one method for each route
estate   the fleet, its clusters, its keys      hosts    hosts
vms      VMs, and requests about them           records  held plans, operations, the journal
asking   what these parts share
talking  one request and its answer, asked for again where it was lost
profile  where the server's url and the key come from
errors   what may go wrong, with what to do next
"""
