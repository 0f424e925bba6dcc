"""Posts go to the very address that was judged, and nowhere else (T09)."""

import asyncio
import socket
import ssl
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from vmuster.model.errors import Refused, Unavailable
from vmuster.wiring.outside.posting import GuardedPoster, Resolve, look_up
from vmuster.wiring.outside.targets import networks

pytestmark = pytest.mark.anyio
LOOPBACK = networks(["127.0.0.0/8"])
OK = b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"
Answer = Callable[[asyncio.StreamWriter], object]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Receiver:
    """Somebody who is posted to, and answers with these bytes."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.port = 0
        self.requests: list[bytes] = []
        self.connections = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(
                int(line.split(b":")[1])
                for line in head.lower().split(b"\r\n")
                if line.startswith(b"content-length:")
            )
            self.requests.append(head + await reader.readexactly(length))
            writer.write(self.answer)
            await writer.drain()
            await reader.read()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def receiving(
    answer: bytes = OK, tls: ssl.SSLContext | None = None
) -> AsyncGenerator[Receiver]:
    receiver = Receiver(answer)
    server = await asyncio.start_server(receiver, "127.0.0.1", 0, ssl=tls)
    receiver.port = server.sockets[0].getsockname()[1]
    async with server:
        yield receiver


def always(*addresses: str) -> Resolve:
    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return addresses

    return resolve


def poster(*addresses: str, seconds: float = 5.0) -> GuardedPoster:
    """A poster that may post to this machine, under whatever name."""
    return GuardedPoster(LOOPBACK, resolve=always(*(addresses or ("127.0.0.1",))), seconds=seconds)


async def test_a_post_bears_its_headers_and_the_name_of_its_host() -> None:
    async with receiving() as receiver:
        url = f"http://hooks.example:{receiver.port}/a%20b?c=d"
        await poster().post(url, b'{"x": 1}', {"X-Vmuster-Event": "alert"})
    (request,) = receiver.requests
    head, _, body = request.partition(b"\r\n\r\n")
    assert body == b'{"x": 1}'
    lines = head.split(b"\r\n")
    assert lines[0] == b"POST /a%20b?c=d HTTP/1.1"
    assert f"Host: hooks.example:{receiver.port}".encode() in lines
    assert b"X-Vmuster-Event: alert" in lines


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"HTTP/1.1 500 No\r\nContent-Length: 6\r\n\r\nCANARY", "answered 500"),
        (b"HTTP/1.1 404 CANARY\r\nContent-Length: 0\r\n\r\n", "answered 404"),
        (b"CANARY\r\n\r\n", "hooks.example: "),
        (b"HTTP/1.1 200 OK\r\nCANARY", "hooks.example"),
        (b"", "no answer in"),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_what_is_not_taken_in_is_told_and_the_answer_is_not(answer: bytes, why: str) -> None:
    async with receiving(answer) as receiver:
        url = f"http://hooks.example:{receiver.port}/secret"
        with pytest.raises(Unavailable) as refused:
            await poster(seconds=0.5).post(url, b"{}", {})
    assert why in refused.value.message
    assert "secret" not in str(refused.value)
    assert "CANARY" not in str(refused.value) or answer.startswith(b"CANARY")


@pytest.mark.parametrize(
    "location",
    ["http://169.254.169.254/latest/meta-data/", "file:///etc/passwd", "http://127.0.0.1:{port}/b"],
)
async def test_no_redirect_is_followed(location: str) -> None:
    async with receiving() as receiver:
        to = location.format(port=receiver.port)
        head = f"HTTP/1.1 307 Go\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n"
        receiver.answer = head.encode()
        with pytest.raises(Unavailable, match="no redirect is followed"):
            await poster().post(f"http://hooks.example:{receiver.port}/a", b"{}", {})
        assert receiver.connections == 1


async def test_an_endless_answer_is_not_read() -> None:
    endless = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"400\r\n" + b"x" * 1024
    async with receiving(endless) as receiver:
        await poster(seconds=3).post(f"http://h.example:{receiver.port}/", b"{}", {})


async def test_a_name_that_changes_its_address_is_judged_where_it_is_connected_to() -> None:
    """DNS rebinding: the first look shows a public address, every later one this machine."""
    looks: list[str] = []

    async def rebinding(host: str, _port: int) -> Sequence[str]:
        looks.append(host)
        return ("8.8.8.8",) if len(looks) == 1 else ("127.0.0.1",)

    async with receiving() as receiver:
        url = f"https://rebind.example:{receiver.port}/"
        guarded = GuardedPoster((), resolve=rebinding)
        await guarded.check(url)
        with pytest.raises(Refused, match="the server's own machine"):
            await guarded.post(url, b"{}", {})
        assert (len(looks), receiver.connections) == (2, 0)


async def test_a_name_is_asked_for_once_and_connected_to_by_its_address() -> None:
    looks: list[str] = []

    async def once(host: str, _port: int) -> Sequence[str]:
        looks.append(host)
        return ("127.0.0.1",)

    async with receiving() as receiver:
        url = f"http://not-to-be-resolved.invalid:{receiver.port}/"
        await GuardedPoster(LOOPBACK, resolve=once).post(url, b"{}", {})
        assert (looks, receiver.connections) == (["not-to-be-resolved.invalid"], 1)


async def test_one_bad_address_of_a_name_is_enough_to_refuse_it() -> None:
    async with receiving() as receiver:
        url = f"http://mixed.example:{receiver.port}/"
        with pytest.raises(Refused, match=r"169\.254\.169\.254: metadata"):
            await poster("127.0.0.1", "169.254.169.254").post(url, b"{}", {})
        assert receiver.connections == 0


async def test_of_several_good_addresses_one_that_answers_is_enough() -> None:
    async with receiving() as receiver:
        await poster("127.0.0.2", "127.0.0.1").post(
            f"http://two.example:{receiver.port}/", b"{}", {}
        )
        assert receiver.connections == 1


async def test_an_address_at_which_nobody_answers_leaves_time_for_the_next() -> None:
    async with receiving() as receiver:
        with socket.create_server(("127.0.0.2", receiver.port), backlog=0), ExitStack() as stack:
            for _ in range(4):  # until the kernel has no room for another
                full = stack.enter_context(socket.socket())
                full.setblocking(False)
                full.connect_ex(("127.0.0.2", receiver.port))
            two = poster("127.0.0.2", "127.0.0.1", seconds=2.0)
            await two.post(f"http://two.example:{receiver.port}/", b"{}", {})
        assert receiver.connections == 1


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1:{port}/",
        "https://localhost:{port}/",
        "https://[::ffff:127.0.0.1]:{port}/",
        "https://0x7f.1:{port}/",
        "https://2130706433:{port}/",
        "https://good.example@127.0.0.1:{port}/",
        "https://[::1]:{port}/",
        "http://0.0.0.0:{port}/",
    ],
)
async def test_no_way_of_writing_it_leads_to_this_machine(url: str) -> None:
    async with receiving() as receiver:
        guarded, said = GuardedPoster(), url.format(port=receiver.port)
        with pytest.raises(Refused):
            await guarded.check(said)
        with pytest.raises(Refused):
            await guarded.post(said, b"{}", {})
        assert receiver.connections == 0


async def test_no_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiving() as receiver, receiving() as proxy:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        await poster().post(f"http://hooks.example:{receiver.port}/", b"{}", {})
        assert (receiver.connections, proxy.connections) == (1, 0)


async def test_a_name_without_an_address_is_told() -> None:
    async def nowhere(_host: str, _port: int) -> Sequence[str]:
        raise OSError("no such name")

    async def hangs(_host: str, _port: int) -> Sequence[str]:
        await asyncio.Event().wait()
        return ()

    with pytest.raises(Unavailable, match="no address now"):
        await GuardedPoster(resolve=nowhere).check("https://nowhere.example/")
    with pytest.raises(Unavailable, match="not resolved in time"):
        await GuardedPoster(resolve=hangs, seconds=0.05).check("https://slow.example/")
    with pytest.raises(Unavailable, match="no answer in"):
        await GuardedPoster(resolve=hangs, seconds=0.05).post("https://slow.example/", b"", {})


async def test_the_machines_own_resolver_is_asked() -> None:
    assert "127.0.0.1" in await look_up("127.0.0.1", 443)
    with pytest.raises(OSError, match=r".+"):
        await look_up("x" * 70 + ".invalid", 443)


async def test_a_form_is_checked_without_asking_for_an_address() -> None:
    async def never(_host: str, _port: int) -> Sequence[str]:
        raise AssertionError

    guarded = GuardedPoster(resolve=never)
    guarded.check_form("https://hooks.example/")
    with pytest.raises(Refused):
        guarded.check_form("file:///etc/passwd")


def certificate(name: str, folder: Path) -> tuple[Path, Path]:
    """A certificate of this name, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    called, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(called)
        .issuer_name(called)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, SHA256())
    )
    public, private = folder / "crt.pem", folder / "key.pem"
    public.write_bytes(made.public_bytes(Encoding.PEM))
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return public, private


async def test_over_tls_the_certificate_is_of_the_name_and_not_of_the_address(
    tmp_path: Path,
) -> None:
    public, private = certificate("hooks.example", tmp_path)
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(public, private)
    trust = ssl.create_default_context(cafile=str(public))
    here = always("127.0.0.1")
    async with receiving(tls=served) as receiver:
        known = GuardedPoster(LOOPBACK, resolve=here, tls=trust)
        await known.post(f"https://hooks.example:{receiver.port}/", b"{}", {})
        assert len(receiver.requests) == 1
        with pytest.raises(Unavailable, match="certificate"):
            await known.post(f"https://other.example:{receiver.port}/", b"{}", {})
        stranger = GuardedPoster(LOOPBACK, resolve=here)
        with pytest.raises(Unavailable, match="certificate"):
            await stranger.post(f"https://hooks.example:{receiver.port}/", b"{}", {})
        assert len(receiver.requests) == 1
