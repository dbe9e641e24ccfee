"""A stand-in network of the AT Protocol: one PDS with its AppView, all in memory."""
