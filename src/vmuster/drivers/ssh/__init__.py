"""Hosts over ssh: the files that OpenSSH is given, host keys, and the witness on the far side."""
