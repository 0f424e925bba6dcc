"""Databases behind the store port: one SQL store, one in memory, and the migrations."""
