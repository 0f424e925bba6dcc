"""Line and branch coverage of the model and the heart: 100 %, by their own tests alone.

`python -m tools.coverage_of_core` runs the tests of `model/` and `reconcile/` and of the laws under
branch coverage (`[tool.coverage]` in pyproject.toml), prints what was never run, and exits 1 below
100 %. These tests are pure: they take seconds. What runs a line has not tested it yet: that they
notice a change is the matter of `tools/mutants.py`.
"""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

ROOT: Final = Path(__file__).parents[1]
TESTS: Final = ("tests/unit/model", "tests/unit/reconcile", "tests/laws")
_PYTEST: Final = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist")


def main() -> int:
    """Run the tests, then report; the first that fails gives the exit status."""
    with TemporaryDirectory() as folder:
        environment = os.environ | {"COVERAGE_FILE": str(Path(folder) / "coverage")}
        for step in (("run", *_PYTEST, *TESTS), ("report",)):
            done = subprocess.run(
                [sys.executable, "-m", "coverage", *step], cwd=ROOT, env=environment, check=False
            )
            if done.returncode:
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
