"""The command line. Data on stdout, talk on stderr; status 0 done, 1 refused or failed, 2 usage.

main         the commands, put together
speaking     what commands share that speak to a server: options, connection, errors
printing     data as a table, as JSON or as names
columns      which columns the tables have
waiting      requests that are waited for
confirming   whether a person really wants it
completing   names completed by the shell
settings     settings of a policy: read, their help, their completion
explaining   why a VM is as it is, in words
chains       from a report to a result: how one act came about
idling       why nothing automatic is done, and what ends that
previewing   what the next pass would do, in words
foreseeing   what a change would let vmuster do, before it is made
shortening   ids by their first characters
morning      the fleet on one screen
host_lines   hosts to add, as they are written
host_keys    which key an ssh host must show
additions    `host add`: one host, or many from a file
adding       many hosts added at once
moments      times in words

The commands: status hosts clusters fleet vms plans automation operations journal credentials keys
quarantine replay serve completion

Modules are light: what takes long to load (HTTP, tables, the server) is loaded where it is used.
"""
