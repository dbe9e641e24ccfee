"""A community on Reddit, as far as the connector asks for it."""
