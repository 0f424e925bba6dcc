"""What systemd is told: that the server serves, stops, and that its event loop turns."""

import os
import socket
from collections.abc import Mapping


def notify(state: str, environ: Mapping[str, str] = os.environ) -> None:
    """Send `state` (`READY=1`) where somebody listens: `NOTIFY_SOCKET` says where. If that fails,
    nothing else does: whoever listens will notice."""
    address = environ.get("NOTIFY_SOCKET", "")
    if address.startswith(("/", "@")):
        place = f"\0{address[1:]}" if address.startswith("@") else address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as speaker:
            speaker.setblocking(False)
            try:
                speaker.sendto(state.encode(), place)
            except OSError:
                return


def watchdog_seconds(environ: Mapping[str, str] = os.environ) -> float:
    """How often a sign of life is to be sent: half of what is waited for it; 0: nobody waits."""
    told = environ.get("WATCHDOG_USEC", "")
    mine = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    return int(told) / 2_000_000 if told.isascii() and told.isdecimal() and mine else 0.0
