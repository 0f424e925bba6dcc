"""How people, and those who mean harm, may write a uuid (T37)."""

from uuid import UUID


def forms(uuid: UUID) -> list[str]:
    """The texts that are this uuid."""
    plain, bare = str(uuid), uuid.hex
    written = [plain, bare, "{" + plain + "}", f"urn:uuid:{plain}"]
    return [*written, *(text.upper() for text in written)]


def lookalikes(uuid: UUID) -> list[str]:
    """Texts that look like it, or are taken for it or for another uuid by a careless reader."""
    plain, bare = str(uuid), uuid.hex
    return [
        f" {plain}",
        f"{plain}\n",
        plain.translate({ord(digit): ord(digit) - ord("0") + 0xFF10 for digit in "0123456789"}),
        plain.translate({ord(digit): ord(digit) - ord("0") + 0x0660 for digit in "0123456789"}),
        plain.replace("-", "\u2010"),
        plain[:-1] + "\u200b" + plain[-1],
        "0x" + bare[2:],
        "+" + bare[1:],
        bare[:1] + "_" + bare[2:],
        plain[:-1],
        plain + "0",
    ]
