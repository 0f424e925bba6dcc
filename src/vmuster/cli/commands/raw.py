"""`vmuster api`: any request of the API, with the key and the server of every other command."""

import json
from typing import IO, Any, Final, cast

import click

from vmuster.cli.asking.speaking import Server, changes, connected, fresh_key
from vmuster.cli.printing.forms import Output, print_document

_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")


@click.command("api")
@click.argument("method", type=click.Choice(_METHODS, case_sensitive=False))
@click.argument("path")
@click.option("--body", type=click.File(), help="A file with the body as JSON; - for stdin.")
@changes
def api(method: str, path: str, body: IO[str] | None, server: Server, out: Output) -> None:
    """Send one request to the API, and print its answer as JSON. PATH is what stands after /api/v1;
    the API is described at /api/v1/openapi.json.

    \b
    Examples:
      vmuster api GET /hosts
      vmuster api GET "/vms?standing=orphan&limit=10"
      echo '{"name": "north"}' | vmuster api POST /clusters --body -
    """
    said = None if body is None else _read(body)
    with connected(server) as client:
        key = fresh_key() if method == "POST" else ""
        print_document(client.raw(method, path, json=said, key=key), out)


def _read(body: IO[str]) -> dict[str, Any]:
    try:
        said: object = json.load(body)
    except ValueError as error:
        raise click.UsageError("the body is not JSON") from error
    if not isinstance(said, dict):
        raise click.UsageError("the body is no JSON object")
    return cast("dict[str, Any]", said)
