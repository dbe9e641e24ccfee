"""A stand-in for a city's wiki."""
