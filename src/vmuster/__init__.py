"""vmuster: a roll call for VM fleets, which never stops a VM that is not provably ours."""
