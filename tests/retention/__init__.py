"""Tests of what people decided and what follows from it."""
