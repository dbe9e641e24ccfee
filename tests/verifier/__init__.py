"""The verifier that shares no code with the package."""
