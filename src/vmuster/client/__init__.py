"""The Python client of the REST API.

rest     one method for each route
profile  where the server's url and the key come from
errors   what may go wrong, with what to do next
"""
