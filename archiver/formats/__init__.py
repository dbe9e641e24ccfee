"""Codecs of every stored format: bytes and file objects in and out."""
