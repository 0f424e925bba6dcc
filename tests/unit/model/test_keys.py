"""A credential shows what it is for, and nothing of what is sealed in it."""

from vmuster.model.keys import Credential, CredentialKind


def test_what_is_sealed_is_in_no_repr() -> None:
    sealed = b"canary" * 5
    credential = Credential(
        name="key", kind=CredentialKind.SSH, sealed=sealed, public="canary", created_at=0.0
    )
    for text in (repr(credential), str(credential), f"{[credential]}"):
        assert "'key'" in text
        assert "canary" not in text
