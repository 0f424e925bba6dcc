"""The command line. Data on stdout, talk on stderr; status 0 done, 1 refused or failed, 2 usage.

main         the commands, put together
speaking     what commands share that speak to a server: options, connection, errors
printing     data as a table, as JSON or as names
columns      which columns the tables have
waiting      requests that are waited for
explaining   why a VM is as it is, in words
chains       from a report to a result: how one act came about
moments      times in words
hosts clusters vms operations journal replay serve completion    the commands

Modules are light: what takes long to load (HTTP, tables, the server) is loaded where it is used.
"""
