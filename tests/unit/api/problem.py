"""What every problem document must be like."""

from typing import Any

import httpx2

INSIDE = ("Traceback", "site-packages", "sqlite", "SELECT", ".py", "asyncio", "pydantic")


def problem(response: httpx2.Response, status: int) -> dict[str, Any]:
    """The problem document of a response that must be one with this status."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    document = response.json()
    said = {"type", "title", "status", "detail", "hint", "instance"}
    assert set(document) == said
    request = response.headers["x-request-id"]
    assert document["instance"] == f"urn:vmuster:request:{request}"
    assert document["status"] == status
    assert document["title"]
    assert document["detail"]
    assert [word for word in INSIDE if word in response.text] == []
    return document
