"""A stand-in for a Matrix homeserver: the city's rooms and conversations."""
