"""The errors of vmuster, by whose fault they are.

    VmusterError
    ├── Refused       the request is wrong or not allowed; repeating it changes nothing
    │   └── NotFound  it names something that is not there
    ├── Unavailable   not now: try again after `retry_after_seconds`
    └── Corrupt       stop and call a person: what was read cannot be true

Every error says what happened and, in `hint`, what to do next.
"""


class VmusterError(Exception):
    """Base of all errors we raise on purpose."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class Refused(VmusterError):
    """The request is wrong, or a law or a mode forbids it."""


class NotFound(Refused):
    """The request names something that is not there."""


class Unavailable(VmusterError):
    """Something we need does not answer now."""

    def __init__(self, message: str, *, hint: str = "", retry_after_seconds: float = 5.0) -> None:
        super().__init__(message, hint=hint)
        self.retry_after_seconds = retry_after_seconds


class Corrupt(VmusterError):
    """What was read cannot be true; go no further."""
