"""Bytes that nobody meant, for every parser of ours: it reads them, or refuses in its own words."""
