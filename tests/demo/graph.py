"""Deliveries of Meta's, handed in where an account's stream would be listened to.

In place of the receiver: from there on they are settled, followed up and sealed like any
other answer. A connector that is ``Hooked`` listens at `PLACE`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.demo.answer import Answer
from archiver.flows.capture import capture
from tests.chaos.truth import Quiet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archiver.demo.answer import Asked
    from archiver.demo.facebook.api import Facebook
    from archiver.flows.archive import Archive

__all__ = ["PLACE", "hand_in"]

PLACE = "/hooks/deliveries"
JSON = (("Content-Type", "application/json"),)


def hand_in(archive: Archive, account: str, service: Facebook, bodies: Sequence[bytes]) -> None:
    """Capture what is new, and these deliveries with it."""
    original, left = service.answer, iter(bodies)

    def answer(asked: Asked) -> Answer | None:
        if asked.path != PLACE:
            return original(asked)
        return Answer(200, JSON, next(left, bodies[-1]))

    service.answer = answer  # type: ignore[method-assign]
    report = capture(archive, account, "incremental", Quiet(), 60.0 * len(bodies))
    service.answer = original  # type: ignore[method-assign]
    assert report.incomplete == {}
    assert report.listened["deliveries"] >= len(bodies)
