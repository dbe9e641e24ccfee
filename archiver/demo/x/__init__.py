"""A stand-in for X: its API v2, its token endpoint, its webhooks."""
