"""libvirt: the driver for QEMU/KVM hosts.

The environment is cleansed before anything here imports the library: libvirt reads variables at
its import and at each open, and some of them name programs to run (T08).
"""

import os
from typing import Final

from vmuster.drivers.libvirt.address import cleanse_environment

AGENT_SOCKET: Final = os.environ.get("SSH_AUTH_SOCK", "")
"""The ssh agent that this process was started with, remembered before its name is taken away."""

cleanse_environment()
