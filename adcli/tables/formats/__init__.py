"""Formats of tables: one file each, listed in registry.py."""
