"""A stand-in for Instagram: one city's professional account, read by the Graph API."""
