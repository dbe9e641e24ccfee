"""Capture: what to ask, how to read it, what it changes. Pure."""
