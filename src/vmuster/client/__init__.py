"""The Python client of the REST API.

rest     the client, put together: one method for each route
estate   the fleet, its clusters, its keys      hosts    hosts
vms      VMs, and requests about them           records  held plans, operations, the journal
api_keys API keys                               webhooks webhooks
explanations  why, the rules, and whether the journal is true
events   the journal as it is written, without an end
checkup  what is wrong with the installation, and how to mend it
asking   what these parts share
talking  one request and its answer, asked for again where it was lost
profile  where the server's url and the key come from
errors   what may go wrong, with what to do next
"""
