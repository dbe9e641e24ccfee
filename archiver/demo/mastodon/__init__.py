"""A stand-in for a Mastodon server: what people did, and what its API says of it."""
