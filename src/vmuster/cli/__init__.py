"""The command line. Data on stdout, talk on stderr; status 0 done, 1 refused or failed, 2 usage.

main         the commands, put together
commands     sections, other names that people try, exit statuses
speaking     what commands share that speak to a server: options, connection, errors
listing      what commands share that list things: columns, order, filters
selecting    which things of a list the server is asked for
watching     what commands share that show a state: `--watch`
printing     data as a table, as JSON, YAML or CSV, or as names
encoding     JSON, YAML and CSV
tables       tables, in colours where they are wanted
choosing     which things are printed, in which order, with which columns
columns      which columns the tables have
acting       one act on many VMs
waiting      requests that are waited for
progressing  how long work goes on
confirming   whether a person really wants it
completing   names completed by the shell
suggesting   what was meant by an unknown name
settings     settings of a policy: read, their help, their completion
explaining   a story as lines
verifying    whether the journal can be believed
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

The commands, each in a file of its name: docs/cli.md has them all.

Modules are light: what takes long to load (HTTP, tables, the server) is loaded where it is used.
"""
