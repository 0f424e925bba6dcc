"""Hypervisors: each driver speaks for one kind of hypervisor behind `ports.driver.Driver`."""
