"""Writes THIRD_PARTY_LICENSES.md: what vmuster stands on at run time, and on what terms.

The packages are those of requirements.lock; what is said of them is read from the metadata that
each brought along when it was installed. `./dev lock` runs this.
"""

import re
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements.lock"
OUTPUT = ROOT / "THIRD_PARTY_LICENSES.md"

_PIN = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[^\s;\\]+)\s*(?:;\s*(?P<marker>[^\\]+))?")
_HOME_LABELS = ("homepage", "home", "source", "repository", "source code", "github", "changelog")
_HEAD = """\
# Third-party licenses

vmuster itself is under the [Apache License 2.0](LICENSE). It carries no code of others; these
packages are installed beside it, in the versions of `requirements.lock`. Each brings the full text
of its license along. Written by `tools/licenses.py` from the packages' own metadata.

| package | version | license | home |
|---|---|---|---|
"""
_ELSEWHERE = """
Locked for platforms other than Linux with CPython 3.11, and not installed there:

"""


def render(lock: str) -> str:
    """The whole document for the text of a lock file. Packages not installed are only named."""
    rows: list[str] = []
    elsewhere: list[str] = []
    for pin in filter(None, map(_PIN.match, lock.splitlines())):
        try:
            rows.append(_row(metadata.metadata(pin["name"])))
        except metadata.PackageNotFoundError:
            elsewhere.append(
                f"- {pin['name']} {pin['version']} (`{(pin['marker'] or '').strip()}`)"
            )
    return _HEAD + "\n".join(rows) + "\n" + _ELSEWHERE + "\n".join(elsewhere) + "\n"


def _row(found: metadata.PackageMetadata) -> str:
    home = _home(found)
    cells = (found["Name"], found["Version"], _license(found), f"<{home}>" if home else "")
    return "| " + " | ".join(cells) + " |"


def _license(found: metadata.PackageMetadata) -> str:
    """The SPDX expression where there is one, else the older field, else the classifiers."""
    stated = _field(found, "License-Expression") or _field(found, "License")
    if stated and "\n" not in stated:
        return stated
    classifiers = found.get_all("Classifier") or []
    names = [line.rpartition(" :: ")[2] for line in classifiers if line.startswith("License ::")]
    return ", ".join(names) or "see the package"


def _home(found: metadata.PackageMetadata) -> str:
    stated = [line.partition(",") for line in found.get_all("Project-URL") or []]
    links = {label.strip().lower(): link.strip() for label, _, link in stated}
    known = (links[label] for label in _HOME_LABELS if label in links)
    return _field(found, "Home-page") or next(known, "")


def _field(found: metadata.PackageMetadata, name: str) -> str:
    return (found.get_all(name) or [""])[0]


def main() -> None:
    """Write the document."""
    OUTPUT.write_text(render(LOCK.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
