"""Texts joined so that no two different lists give the same bytes.

Each text is its length in bytes as an unsigned 16-bit big-endian number, then its UTF-8.
Used by the cipher context (`archiver.formats.cobblestone`) and by the files of the key
store (`archiver.formats.keyfile`).
"""

from __future__ import annotations

from archiver.errors import FormatError, UsageError

__all__ = ["join", "split"]

LENGTH_BYTES = 2
LONGEST = 0xFFFF


def join(*texts: str) -> bytes:
    """Return the texts, each behind its length.

    Raises:
        UsageError: a text is empty, longer than 65,535 bytes, or not encodable as UTF-8.
    """
    return b"".join(_block(text) for text in texts)


def _block(text: str) -> bytes:
    try:
        data = text.encode()
    except UnicodeEncodeError as error:
        raise UsageError(
            "a name holds a lone surrogate", where=ascii(text), mend="use Unicode text"
        ) from error
    if not 0 < len(data) <= LONGEST:
        raise UsageError(
            f"a name of {len(data)} bytes", where=ascii(text[:40]), mend="use 1 to 65,535 bytes"
        )
    return len(data).to_bytes(LENGTH_BYTES, "big") + data


def split(data: bytes, count: int) -> tuple[tuple[str, ...], bytes]:
    """Return the first ``count`` texts of ``data``, and the bytes after them.

    Raises:
        FormatError: ``data`` ends early, or a text is empty or not UTF-8.
    """
    texts = []
    for _ in range(count):
        end = LENGTH_BYTES + int.from_bytes(data[:LENGTH_BYTES], "big")
        if not LENGTH_BYTES < end <= len(data):
            raise FormatError("a length-prefixed text is empty or cut off")
        try:
            texts.append(data[LENGTH_BYTES:end].decode())
        except UnicodeDecodeError as error:
            raise FormatError("a length-prefixed text is not UTF-8") from error
        data = data[end:]
    return tuple(texts), data
