"""A hypervisor in memory, with libvirt's habits and every fault a test can wish for."""
