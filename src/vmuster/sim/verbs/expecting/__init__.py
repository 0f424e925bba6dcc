"""Expectations: of what vmuster says, and of what truly is."""
