"""`python -m vmuster.cli`: the `vmuster` command, where its script is not on the path."""

from vmuster.cli.main import main

main()
