"""Answers are JSON without signatures."""

import json
from typing import Any

from tests.moments import mark, stop
from vmuster.api.answers import answer, answer_list
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.states import ProofKind


def said(value: object) -> Any:
    return json.loads(bytes(answer(value).body))


def test_a_command_is_told_without_any_signature() -> None:
    for kind in ProofKind:
        told = said(stop(kind))
        assert told["proof"]["kind"] == kind
        assert "signature" not in json.dumps(told)
    assert said(stop(ProofKind.NAME))["proof"]["grant"]["granted_by"] == "ann"


def test_evidence_is_told_without_any_signature() -> None:
    evidence: dict[str, object] = {"proofs": [{"signature": "s", "kept": 1}]}
    entry = JournalEntry(at=1.0, kind=EntryKind.ALERT, actor="a", what="w", evidence=evidence)
    assert said(entry)["evidence"] == {"proofs": [{"kept": 1}]}


def test_several_values_are_items() -> None:
    told = json.loads(bytes(answer_list([mark()]).body))
    assert [each["generation"] for each in told["items"]] == [7]


def test_a_status_and_headers_may_be_given() -> None:
    response = answer({}, status=202, headers={"Location": "/x"})
    assert (response.status_code, response.headers["location"]) == (202, "/x")
    assert response.media_type == "application/json"
