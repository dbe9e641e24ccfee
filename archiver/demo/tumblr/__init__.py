"""A blog on Tumblr, as far as the connector asks for it."""
