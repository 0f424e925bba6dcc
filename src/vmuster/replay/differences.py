"""What would be decided otherwise: each recorded pass decided again, beside what it decided then.

Each pass stands by itself: it is decided on the rows on which it was decided then, whatever another
policy would have made of the passes before it.
"""

from collections.abc import Iterable, Iterator

from vmuster.reconcile.differing import Compared, beside
from vmuster.reconcile.passed import Passed, again
from vmuster.reconcile.supposed import Change, supposed


def compared(passes: Iterable[Passed], change: Change) -> Iterator[Compared]:
    """Each pass beside what would be decided now, had `change` been so. Raises `Refused` where a
    setting is none."""
    for passed in passes:
        yield beside(passed, again(supposed(passed.given, change)))
