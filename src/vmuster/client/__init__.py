"""The Python client of the REST API.

rest     one method for each route
talking  one request and its answer, asked for again where it was lost
profile  where the server's url and the key come from
errors   what may go wrong, with what to do next
"""
