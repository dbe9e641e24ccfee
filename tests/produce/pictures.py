"""Pictures with words in them and beside them, as files of records."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

from archiver.capture.settled import Settled
from archiver.flows.ledger import read_state
from archiver.flows.settle import seal_settled
from archiver.ids import new_uuid
from archiver.record import Excerpt, Observation
from tests.doubles import SeededRandomness
from tests.flows.helpers import ACCOUNT

if TYPE_CHECKING:
    from tests.flows.hall import Hall

CANARY = "QUILLFEATHER"
LOWER = "RIVERBANK"
"""What stands in the lower half."""


def photograph(canary: str) -> bytes:
    """Return a JPEG that says a word in its upper half, and in EXIF, a thumbnail and a comment."""
    made = Image.new("RGB", (900, 500), "white")
    draw = ImageDraw.Draw(made)
    font = ImageFont.load_default(size=90)
    draw.text((40, 60), canary, fill="black", font=font)
    draw.text((40, 330), LOWER, fill="black", font=font)
    exif = Image.Exif()
    exif[0x010E] = f"at the house of {canary}"  # ImageDescription
    exif[0x9286] = f"UNICODE\0{canary}"  # UserComment
    small = BytesIO()
    made.resize((160, 90)).save(small, "JPEG", comment=canary.encode())
    out = BytesIO()
    made.save(out, "JPEG", quality=92, exif=exif, comment=small.getvalue())
    return out.getvalue()


def file_of(hall: Hall, native: str, data: bytes, media_type: str = "image/jpeg") -> str:
    """Seal a record that is a file, as it came in an answer; return its id."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\nContent-Length: {len(data)}\r\n\r\n"
    one = Observation(
        platform="stand-in", account="city", stream="media", kind="present",
        sensitivity="public", page_url="https://city.example/p", native_id=native,
        captured_at="2026-11-20T09:00:00.000000Z",
        excerpts=(Excerpt("exchange", head.encode() + data),),
        row={"media_type": media_type, "file_name": "photograph.jpg"}, parser="stand-in/1",
    )  # fmt: skip
    chance = SeededRandomness(f"file {native}")
    made = [(new_uuid(chance), one)]
    seal_settled(hall.archive, read_state(hall.archive), ACCOUNT, Settled(observations=made))
    return one.record_id
