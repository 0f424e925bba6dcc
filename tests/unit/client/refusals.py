"""What a refusal looks like to a caller of the client."""

import pytest

from vmuster.client.errors import ClientError


def refused(status: int | None) -> "pytest.RaisesExc[ClientError]":
    return pytest.RaisesExc(ClientError, check=lambda error: error.status == status)
