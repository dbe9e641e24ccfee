"""Redaction: what stays closed of a record, who said so and why. Pure."""
