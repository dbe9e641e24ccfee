"""Blogger, as far as the connector asks for it."""
