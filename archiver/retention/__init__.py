"""Retention: which rule governs a record, when it falls due, and what stands in the way."""
