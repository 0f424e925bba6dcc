"""Traces are sent to the collector that was named, and a collector that is away delays nothing."""

import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

from vmuster.ports import spans
from vmuster.wiring.serving.traces import exporting


def test_a_collector_is_sent_what_was_done() -> None:
    taken: list[tuple[str, bytes]] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            taken.append((self.path, body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            with exporting(f"http://127.0.0.1:{server.server_port}/"), spans.span("some work"):
                pass
        finally:
            server.shutdown()
            serving.join()
    ((path, body),) = taken
    assert path == "/v1/traces"
    assert b"some work" in body
    assert b"vmuster" in body


def test_a_collector_that_says_nothing_delays_no_end() -> None:
    began = time.monotonic()
    silent = socket.create_server(("127.0.0.1", 0))
    endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
    with silent, exporting(endpoint), spans.span("some work"):
        pass
    assert time.monotonic() - began < 12
