"""How a request ended: whole, cut or not at all, in our own words."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import httpcore

from archiver.edges.http_tee import OverLimitError

if TYPE_CHECKING:
    from archiver.edges.http_tee import Tape

__all__ = ["CLIENT_ERRORS", "Outcome", "failure_of"]

CLIENT_ERRORS = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError)


class Outcome(NamedTuple):
    """How a request ended: the WARC truncation reason, and for a failure what happened."""

    truncated: str = ""
    failure: str = ""


def failure_of(error: Exception, tape: Tape) -> Outcome:
    """Return what an error of the client means, in our own words."""
    if isinstance(error, httpcore.TimeoutException):
        return Outcome("time", "no whole response in time")
    if isinstance(error, OverLimitError):
        return Outcome("length", "the response head has no end")
    if isinstance(error, httpcore.ProtocolError) and not tape.ended:
        return Outcome("unspecified", "what the server sent is not HTTP/1.1")
    return Outcome("disconnect", "the connection broke")
