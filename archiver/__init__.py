"""Civic Archiver: captures what cities say and hear, and proves every step."""

__version__ = "0.1.0"
