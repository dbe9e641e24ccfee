"""Tests of the documentation: examples compute, claims are bound to tests."""
