"""libvirt: the driver for QEMU/KVM hosts.

The environment is cleansed before anything here imports the library: libvirt reads variables at
its import and at each open, and some of them name programs to run (T08).
"""

from vmuster.drivers.libvirt.address import cleanse_environment

cleanse_environment()
