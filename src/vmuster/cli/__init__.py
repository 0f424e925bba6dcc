"""The command line. Data on stdout, talk on stderr; status 0 done, 1 refused or failed, 2 usage.

main       the commands, put together
grouping   sections, other names that people try, exit statuses
commands   the commands, in files of their names; docs/cli.md has them all
asking     how the server is asked, and the person at the terminal
printing   how things are printed

Modules are light: what takes long to load (HTTP, tables, the server) is loaded where it is used.
"""
