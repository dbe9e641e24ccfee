"""Why an answer is not a page of content, and what is done about it: one table.

A connector's `split` names the trouble by its code (`archiver.capture.items.Problem`),
also where the platform tells of it in the body of a 200. What follows from a code is
decided here, once, for all platforms.
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.items import Problem

__all__ = ["PASSING", "PROBLEMS", "Action", "Kind", "code_of", "kind_named", "kind_of", "told"]


class Action(StrEnum):
    """What a run does about a problem."""

    TAKE = "take it for an answer"
    """The platform has told what we asked: there is none, or nothing further."""
    RETRY = "ask again after a pause"
    WAIT = "wait as long as the platform asks, then ask again"
    REAUTHORISE = "log in again, once; else stop the run"
    STOP_LISTING = "stop this listing, go on with others"
    STOP_PLATFORM = "ask nothing more of this server in this run"
    NOTE = "say so and go on"


class Kind(NamedTuple):
    """One kind of problem.

    ``passing``: a later run may not meet it again, so that it can mend what was torn here.
    ``login_held``: an answer like this shows that the platform accepted our login.
    ``is_content``: the answer has things in it all the same, so that what nothing claims of
    it is residue; else the answer as a whole is what the platform says of the trouble.
    ``mend``: what whoever reads of it can do, one sentence; empty where there is nothing.
    """

    action: Action
    says: str
    mend: str
    passing: bool = False
    login_held: bool = True
    is_content: bool = False


_AGAIN = "capture again; absences are not judged from this listing"

PROBLEMS: Mapping[str, Kind] = MappingProxyType(
    {
        "missing": Kind(Action.TAKE, "the platform says that there is none", ""),
        "end": Kind(Action.TAKE, "the listing goes no further", ""),
        "redirect": Kind(Action.TAKE, "the answer is at another address", ""),
        "transient": Kind(
            Action.RETRY, "the platform failed to answer", _AGAIN, passing=True, login_held=False
        ),
        "rate": Kind(
            Action.WAIT, "the platform asks us to slow down", _AGAIN, passing=True, login_held=False
        ),
        "quota": Kind(
            Action.STOP_PLATFORM,
            "what the platform gives in a day is used up",
            "capture again once the platform has begun a new day; what came is sealed",
            passing=True,
            login_held=False,
        ),
        "budget": Kind(
            Action.STOP_PLATFORM,
            "what was paid for is used up",
            "raise the spending limit with the platform, or wait for its next period",
            passing=True,
            login_held=False,
        ),
        "sunset": Kind(
            Action.STOP_PLATFORM,
            "the platform has retired this version of its API",
            "install a newer Civic Archiver, then capture again",
            passing=True,
            login_held=False,
        ),
        "authorisation": Kind(
            Action.REAUTHORISE,
            "the platform refuses our login",
            "renew it with `archiver account credential`, then capture again",
            login_held=False,
        ),
        "scope": Kind(
            Action.STOP_LISTING,
            "our login lacks a permission",
            "grant what is named here, give the new credential with `archiver account "
            "credential`, then capture again",
        ),
        "forbidden": Kind(
            Action.STOP_LISTING,
            "the platform does not let us see this",
            "nothing, unless whoever runs the platform lets the account see it",
        ),
        "too-large": Kind(
            Action.NOTE,
            "it is larger than we take",
            "keep it by other means: no other try brings it",
        ),
        "bounds": Kind(
            Action.NOTE,
            "it lies beyond the bounds of the account",
            "widen the account's scope, if it should be kept: see docs/platforms/website.md",
        ),
        "browser": Kind(
            Action.NOTE,
            "no browser has rendered it",
            "set up a browser (docs/platforms/website.md), then capture again",
        ),
        "withheld": Kind(
            Action.NOTE,
            "there is more, which the platform does not give us",
            "nothing: no other try brings it",
            is_content=True,
        ),
        "gap": Kind(
            Action.NOTE,
            "the platform does not have all events any more since we last listened",
            "listen more often; capture with --mode backfill shows what is there now",
            is_content=True,
        ),
        "schema": Kind(
            Action.NOTE,
            "it is not what the platform documents",
            _AGAIN,
            passing=True,
            is_content=True,
        ),
    }
)
"""By code. ``scope`` and ``withheld`` say in their message what we lack."""

PASSING = tuple(code for code, kind in PROBLEMS.items() if kind.passing)
"""Problems that a later run may not meet again: it can then mend what they tore."""


def kind_of(problem: Problem) -> Kind:
    """Return what a problem is."""
    return kind_named(problem.code)


def kind_named(code: str) -> Kind:
    """Return what a code means. An unknown one is as bad as a body that nobody documents."""
    return PROBLEMS.get(code, PROBLEMS["schema"])


def told(problem: Problem) -> str:
    """Return a problem in words, as runs report it: ``code: what the platform says``."""
    return f"{problem.code}: {problem.message}"


def code_of(why: str) -> str:
    """Return the code of a problem that was `told`."""
    return why.partition(":")[0]
