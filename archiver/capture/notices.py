"""The platform's own word that something is gone, as an observation. Pure.

An event of a deletion names an id and nothing else. What is observed is the event: the
thing is ``absent`` from then on. That it is ``deleted`` takes what it takes without an
event: two complete listings without it, and the platform's "there is none".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.record import Excerpt, Kind, Observation, Sensitivity

if TYPE_CHECKING:
    from archiver.capture.connector import Gone
    from archiver.capture.known import Known, KnownRecord, Thing
    from archiver.capture.observing import Source

__all__ = ["event", "notice_observation", "things_of"]


def things_of(known: Known, gone: Gone) -> list[Thing]:
    """Return the known records that an event can mean; where there is none, the id itself."""
    things = [(stream, gone.native_id) for stream in gone.streams]
    return [thing for thing in things if known.get(thing) is not None] or things[:1]


def notice_observation(
    source: Source, thing: Thing, gone: Gone, before: KnownRecord | None, body: bytes
) -> Observation:
    """Return what an event says of a thing. Of an unknown one nothing is shown to anybody."""
    stream, native_id = thing
    return Observation(
        platform=source.platform,
        account=source.account,
        stream=stream,
        native_id=native_id,
        kind=Kind.ABSENT,
        sensitivity=before.sensitivity if before else Sensitivity.PRIVATE,
        captured_at=source.captured_at,
        excerpts=tuple(Excerpt(span.role, body[span.start : span.end]) for span in gone.spans),
        row={},
        parser=source.parser,
        exchange=source.exchange,
        content_type=gone.content_type,
        group=before.group if before else gone.group,
        context=(*source.context, ("Archive-Evidence", f"{gone.word} {source.exchange}")),
    )


def event(observation: str) -> list[str]:
    """Return as evidence the observation of an event, by its UUID."""
    return [f"event <urn:uuid:{observation}>"]
