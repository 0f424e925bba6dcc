"""How hard the searching tests search: usually, or for `./dev test --all` twenty times as long."""

import os
from typing import Final

_ALL: Final = os.environ.get("VMUSTER_TESTS") == "all"


def examples(usual: int) -> int:
    """How many examples to try where `usual` are tried usually."""
    return 20 * usual if _ALL else usual
