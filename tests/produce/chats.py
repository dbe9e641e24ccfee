"""A conversation with everything that one can have."""

from __future__ import annotations

from archiver.produce.rsmf import (
    VERSION,
    Attachment,
    Conversation,
    Custom,
    Edit,
    Event,
    Manifest,
    Participant,
    Reaction,
    write_rsmf,
)

HOSTILE = (
    "=cmd|' /C calc'!A0 \x14þ®\r\n\u202egnp <script>#read(\"/etc/passwd\")</script>"
    " 市 👍🏽 \x00'); --"
)
FILES = {"a1.png": b"\x89PNG", "face.png": b"x"}
HEADERS = {"From": "Jane Doe", "To": "A city", "Subject": "Potholes 🚧", "ChainRoot": "ab"}


def manifest() -> Manifest:
    """Return a thread in which somebody joins, writes, edits, answers, and leaves."""
    return Manifest(
        version=VERSION,
        participants=(
            Participant(id="jane", display="Jane Doe", avatar="face.png"),
            Participant(id="city", display="City, of Example"),
        ),
        conversations=(
            Conversation(id="c", platform="x", participants=("jane", "city"), type="channel"),
        ),
        events=(
            Event(
                type="join", participant="jane", timestamp="2026-11-20T12:00:00Z",
                conversation="c",
            ),
            Event(
                type="message", id="m1", participant="jane", timestamp="2026-11-20T13:00:00Z",
                body=HOSTILE, conversation="c",
                edits=(Edit(participant="jane", timestamp="2026-11-20T13:05:00Z", previous="a"),),
                reactions=(Reaction(value="👍", count=1, participants=("city",)),),
                attachments=(Attachment(id="a1.png", size=4),),
                custom=(Custom(name="leaf", value="7"),),
            ),
            Event(
                type="message", id="m2", parent="m1", participant="city", deleted=True,
                timestamp="2026-11-20T14:00:00Z", conversation="c",
            ),
            Event(type="disclaimer", body="Captured, not received.", conversation="c"),
        ),
        eventcollectionid="thread-1",
    )  # fmt: skip


def rsmf() -> bytes:
    """Return it as a file."""
    return write_rsmf(manifest(), f"Jane Doe: {HOSTILE}", FILES, HEADERS)
