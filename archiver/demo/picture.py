"""Small pictures made in code: striped PNG images (W3C PNG, third edition)."""

from __future__ import annotations

import struct
import zlib

__all__ = ["HEIGHT", "WIDTH", "striped_png"]

WIDTH, HEIGHT = 96, 60
"""Pixels; below WordPress's thumbnail size, so that it makes no further sizes."""
_STRIPE = 12


def striped_png(seed: int) -> bytes:
    """Return a PNG of three-coloured stripes that differs for every ``seed`` under 251."""
    colours = [
        bytes(((seed * 67 + turn * 90) % 251, (seed * 29 + turn * 40) % 251, (seed + turn) % 251))
        for turn in range(3)
    ]
    rows = b"".join(b"\0" + colours[row // _STRIPE % 3] * WIDTH for row in range(HEIGHT))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)  # 8 bits, true colour
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    crc = zlib.crc32(name + data)
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", crc)
