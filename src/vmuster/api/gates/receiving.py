"""A request's body, given back to whoever is further in by the gate that has read it."""

from starlette.types import Message, Receive


def first(message: Message, receive: Receive) -> Receive:
    """What gives `message`, and then all that `receive` has."""
    waiting = [message]

    async def next_message() -> Message:
        return waiting.pop() if waiting else await receive()

    return next_message
