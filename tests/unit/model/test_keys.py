"""What a scope covers, when a key is over, and that a credential shows nothing of its secret."""

import itertools

import pytest

from vmuster.model.keys import ApiKey, Credential, CredentialKind, Scope, key_digest


@pytest.mark.parametrize(("held", "needed"), [*itertools.product(Scope, Scope)])
def test_a_scope_covers_itself_and_what_stands_before_it(held: Scope, needed: Scope) -> None:
    order = [Scope.READ, Scope.OPERATE, Scope.ADMIN]
    assert held.covers(needed) is (order.index(needed) <= order.index(held))


def test_of_a_key_there_is_kept_its_digest() -> None:
    assert key_digest("abc").startswith("ba7816bf8f01cfea")
    assert len(key_digest("\ud800")) == 64


@pytest.mark.parametrize(
    ("expires_at", "over"), [(None, False), (9.0, True), (10.0, True), (11.0, False)]
)
def test_a_key_is_over_when_its_time_has_come(expires_at: float | None, over: bool) -> None:
    key = ApiKey(name="ann", digest="", created_at=0.0, expires_at=expires_at)
    assert key.expired(10.0) is over


def test_what_is_sealed_is_in_no_repr() -> None:
    sealed = b"canary" * 5
    credential = Credential(
        name="key", kind=CredentialKind.SSH, sealed=sealed, public="canary", created_at=0.0
    )
    for text in (repr(credential), str(credential), f"{[credential]}"):
        assert "'key'" in text
        assert "canary" not in text
