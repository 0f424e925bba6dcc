"""What the garbage collector walks over, and how often: little, and seldom.

Nearly everything that a server lets go is gone at once, as nothing refers to it any more; only what
refers to itself waits for a collection, and that is an exception here. But a collection walks over
all that is young, and with Python's own measure of often it comes several times within one
transaction: a tenth of the work, and the largest of them a pause for everybody.
"""

import gc
from typing import Final

_OFTEN: Final = (50_000, 5, 5)
"""After so many things more than were let go: as many as some hundred reports that are judged
together keep alive. What refers to itself takes some ten megabytes until then, at the most."""


def set_aside() -> None:
    """What is there by now stays until the end: the code, the database's tables, whatever was read
    of the fleet. No collection need walk over it again, and hold everybody up."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_OFTEN)
