"""What a response says: model values and views as JSON, without any signature or sealed secret.

A mark's signature lies in the VM's metadata for everybody to read, but a grant's is a leave to
stop VMs. Nobody who reads an answer needs either, so none is ever given; nor is a credential,
encrypted or not.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

import msgspec
from starlette.responses import Response

UNSAID: Final = frozenset({"signature", "signatures", "sealed"})


def answer(
    value: object, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """`value` as a response."""
    return Response(
        msgspec.json.encode(_said(msgspec.to_builtins(value))),
        status_code=status,
        headers=headers,
        media_type="application/json",
    )


def answer_list(values: Sequence[object], *, status: int = 200) -> Response:
    """Several values as a response: `{"items": [...]}`."""
    return answer({"items": values}, status=status)


def _said(value: Any) -> Any:
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        return {key: _said(inner) for key, inner in fields.items() if key not in UNSAID}
    if isinstance(value, list | tuple):
        return [_said(inner) for inner in cast("list[Any]", value)]
    return value
