"""Conversations with agents: what they say is taken in, and they are told their due.

switchboard every conversation, kept up
sessions    one conversation: what the agent says
greeting    which host it is, and the epoch that it is given
telling     what it is told, in one order
dispatch    the outbox, until answered, while wanted
results     what became of a command
troubles    why a host gives no account; repeats: told a few times and no more
"""
