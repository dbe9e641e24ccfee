"""The published models of X's API, in an environment of their own."""
