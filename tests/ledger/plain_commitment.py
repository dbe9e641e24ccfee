"""``C`` of a WARC record from its bytes, by ``docs/formats/commitment.md`` and no other code."""

from hashlib import sha256, shake_256

TEXTS = {"title", "text", "summary", "author_name", "alt_text", "caption", "name"}
OWN = {f"archive-{one}" for one in ("salt", "source-root", "context-root", "fields-root")}
OWN |= {"warc-block-digest", "warc-payload-digest"}


def tree(leaves: list[bytes]) -> bytes:
    """Return the Merkle tree hash of RFC 6962 §2.1."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256(b"").digest()
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01" + tree(leaves[:half]) + tree(leaves[half:])).digest()


def rooted(leaves: list[bytes]) -> bytes:
    """Return the committed root."""
    return sha256(b"\x02" + len(leaves).to_bytes(8, "big") + tree(leaves)).digest()


def words(text: str) -> list[bytes]:
    """Cut a text into tokens."""
    found, run, spaced = [b""], b"", False
    for character in text:
        space, more = character in " \t\n\v\f\r", character.encode()
        if (spaced and not space) or len(run + more) > 64:
            found, run = [*found, run], b""
        run, spaced = run + more, space
    return [token for token in [*found, run] if token]


def commitment(record: bytes, row: list[tuple[str, str]] | None = None) -> bytes:
    """Return ``C``; the fields root is computed where the row's fields are given, in order."""
    head, _, rest = record.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    own = {line.split(b":")[0].decode().lower(): line.partition(b": ")[2] for line in lines}
    block, offsets = rest[: int(own["content-length"])], iter(range(0, 1 << 30, 32))
    expansion = shake_256(b"civic-archive/salt/v1\n" + bytes.fromhex(own["archive-salt"].decode()))
    salts = expansion.digest(32 * (len(record) + sum(5 * len(value) + 1 for _, value in row or [])))

    def leaf(kind: int, name: str, value: bytes) -> bytes:
        offset, named = next(offsets), len(name.encode()).to_bytes(2, "big") + name.encode()
        salted = bytes([0, kind]) + named + salts[offset : offset + 32]
        return sha256(salted + len(value).to_bytes(8, "big") + value).digest()

    cuts = [line.decode().split(" ") for line in lines if line.startswith(b"Archive-Excerpt: ")]
    source = rooted([leaf(1, c[1], block[int(c[2]) : int(c[2]) + int(c[3])]) for c in cuts])
    told = [line for line in lines if line.split(b":")[0].decode().lower() not in OWN]
    context, fields = rooted([leaf(2, "", line) for line in told]), []
    for name, value in row or []:
        tokens = [leaf(5, "", word) for word in words(value)] if name in TEXTS else []
        text = len(tokens).to_bytes(8, "big") + tree(tokens)
        fields.append(leaf(4, name, text) if name in TEXTS else leaf(3, name, value.encode()))
    root = bytes.fromhex(own["archive-fields-root"].decode()) if row is None else rooted(fields)
    return sha256(b"civic-archive/obs/v1\n" + source + context + root).digest()
