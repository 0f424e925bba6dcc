"""Questions about host keys: refused or not answered, in the words of the server's errors."""

import socket

import pytest

from vmuster.model.errors import Refused, Unavailable
from vmuster.wiring.host_keys import SystemKeyScan

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_what_is_no_address_is_refused() -> None:
    for question in (SystemKeyScan().scan, SystemKeyScan().known):
        with pytest.raises(Refused, match="address"):
            await question("-oProxyCommand=x", 22)


async def test_a_host_that_shows_no_key_is_not_available() -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = int(nobody.getsockname()[1])
    with pytest.raises(Unavailable, match="no ssh host key"):
        await SystemKeyScan().scan("127.0.0.1", port)


async def test_a_host_that_nobody_knows_has_no_keys() -> None:
    assert await SystemKeyScan().known("nobody.knows.invalid", 2) == ()
