"""A session host that listens over TLS, with an authority of its own."""

from pathlib import Path
from uuid import uuid4

from tests.keypairs import Authority
from tests.system.real.far_side import free_port
from vmuster.demo.hosts import SessionHost
from vmuster.model.host import TlsProfile


class TlsSide:
    """A session host with a TLS port. Its folders are its own; `secret` opens it."""

    def __init__(self, folder: Path, images: Path) -> None:
        folder.mkdir()
        self.authority = Authority("the authority")
        self.port = free_port()
        self.host = SessionHost(folder, uuid4(), images)
        pki = folder / "pki"
        pki.mkdir()
        certificate, key = self.authority.server()
        parts = {"ca": self.authority.certificate, "cert": certificate, "key": key}
        for name, content in parts.items():
            _ = (pki / f"{name}.pem").write_bytes(content)
        settings = folder / "libvirtd.conf"
        said = settings.read_text().replace("listen_tls = 0\n", "listen_tls = 1\n")
        files = "".join(f'{name}_file = "{pki / name}.pem"\n' for name in parts)
        _ = settings.write_text(f'{said}tls_port = "{self.port}"\nauth_tls = "none"\n{files}')

    @property
    def secret(self) -> bytes:
        """A set that this host accepts, as a person gives it."""
        certificate, key = self.authority.client()
        return self.authority.certificate + certificate + key

    def profile(self, credential: str) -> TlsProfile:
        """How the product reaches it."""
        return TlsProfile(
            address="127.0.0.1", port=self.port, scope="session", credential=credential
        )
