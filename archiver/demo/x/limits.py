"""What the stand-in X refuses: too many requests, more than was paid for (docs.x.com)."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field

from archiver.demo.answer import Answer

__all__ = ["Limits", "refusal"]

_PAUSE = 2


@dataclass(slots=True)
class Limits:
    """How much of everything is left; None: without end.

    ``posts``, ``mentions``, ``days``: how much of timelines, mentions and messages is
    shown. ``requests``: how many pass before one is refused, after which a new window begins.
    ``things``: how many may still be read before the credits are used up. ``today``: how many
    requests pass until X gives nothing more that day.
    """

    posts: int = 3200
    mentions: int = 800
    days: int = 30
    requests: int | None = None
    things: int | None = None
    today: int | None = None
    _left: int | None = field(default=None)

    def refuse(self) -> Answer | None:
        """Return why a request is refused, None where it may pass."""
        if self.things is not None and self.things <= 0:
            told = "Your enrolled account does not have any credits to fulfill this request."
            kind = "https://api.x.com/2/problems/credits"
            return refusal(402, "CreditsDepleted", told, kind)
        if self.today is not None:
            if self.today == 0:
                reset = str(int(time.time()) + 3600)
                headers = (
                    ("x-user-limit-24hour-remaining", "0"),
                    ("x-user-limit-24hour-reset", reset),
                )
                return refusal(429, "Too Many Requests", "Too Many Requests", headers=headers)
            self.today -= 1
        if self.requests is None:
            return None
        self._left = self.requests if self._left is None else self._left
        if self._left == 0:
            self._left = None
            told = "Too Many Requests"
            return refusal(429, told, told, headers=self._window(0))
        self._left -= 1
        return None

    def headers(self) -> tuple[tuple[str, str], ...]:
        """Return the headers that say how much of the window is left."""
        return () if self.requests is None else self._window(self._left or 0)

    def spend(self, things: int) -> None:
        """Charge what an answer has."""
        if self.things is not None:
            self.things -= things

    def _window(self, left: int) -> tuple[tuple[str, str], ...]:
        return (
            ("x-rate-limit-limit", str(self.requests)),
            ("x-rate-limit-remaining", str(left)),
            ("x-rate-limit-reset", str(int(time.time()) + _PAUSE)),
        )


def refusal(
    status: int,
    title: str,
    detail: str,
    kind: str = "about:blank",
    headers: tuple[tuple[str, str], ...] = (),
) -> Answer:
    """Return an error as X words it."""
    said = {"title": title, "detail": detail, "type": kind, "status": status}
    plain = ("Content-Type", "application/problem+json")
    return Answer(status, (plain, *headers), json.dumps(said, separators=(",", ":")).encode())
