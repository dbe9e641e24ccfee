"""A Discourse forum, as far as the connector asks for it."""
