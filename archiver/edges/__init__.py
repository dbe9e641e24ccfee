"""The only I/O: stores, HTTP, keys, clock, query engine."""
