"""One verb each, over ports and the pure core."""
