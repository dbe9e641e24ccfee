"""What a certificate does not show is said in words that never change."""

from __future__ import annotations

from hashlib import sha256

import msgspec

from archiver.retention import certificate as form
from archiver.retention import certificate_told as words
from archiver.retention.certificate_limits import limits_of
from archiver.retention.report import Surviving

HANDLE, TIME = "a" * 26, "2026-11-30T04:00:00.000000Z"
WORDS = "0c0837c5acfe05574fb71dfe3b20ab7d35b4e15d5f1f82c2b84be4ac9c8362c9"
"""SHA-256 of all words of version 1 of the format."""

SHOWN = form.Shown(
    order=HANDLE,
    kind="order",
    outcome="halted",
    covers="ab" * 32,
    versions=3,
    requester=HANDLE,
    proposed=TIME,
    approved=TIME,
    not_before=TIME,
    submitted=(),
    answered=(),
    began=TIME,
    checked_to=7,
    evidence=(5, 6),
    ended=TIME,
    halted_by="hold",
    segments=1,
    copies=(),
    known=(),
    retired=(),
    signed={},
)
COPY = words.Copy(HANDLE, "archive", "here", True, "partly", 2, 5, 1, TIME, None)  # noqa: FBT003 - a record
LOST = msgspec.structs.replace(COPY, result="retired", locked=None)
LEFT = Surviving(("w",), ("r", "s"), ("f",), ("k",), ("p", "q", "o"), ("t",))
TOLD = words.Told(
    rule=words.Rule("x/1", "", "", "", "", "", ()),
    extraordinary=None,
    dates=words.Dates("", "", "", "", "", TIME),
    counts=words.Counts(2, 1, 1, 3, 2, 1),
    people=words.People((), (), (), (), ()),
    holds=words.Holds(0, ()),
    outside=None,
    copies=(COPY, LOST),
    keys=words.Keys(4, LEFT),
    also_in=2,
    bags=(words.Bag("State Archives", TIME, "ab" * 32, 1, ""),),
    productions=(),
    residue=("one",),
)
QUIET = msgspec.structs.replace(
    TOLD,
    copies=(msgspec.structs.replace(COPY, result="gone", locked=0),),
    keys=words.Keys(4, Surviving()),
    also_in=0,
    bags=(),
    residue=(),
)
ALWAYS = [
    "undeclared-copies", "origin", "word-of-the-home", "whole-ledger", "one-ledger",
    "known-to-exist",
]  # fmt: skip


def test_what_is_so_of_every_certificate() -> None:
    """However well it went, that is said; and nothing that does not hold."""
    done = msgspec.structs.replace(SHOWN, outcome="destroyed", halted_by="")
    assert [one.code for one in limits_of(done, QUIET)] == ALWAYS


def test_each_limit_follows_from_what_is_told() -> None:
    """What is kept, open, plain, elsewhere, unknown or saved is said, with its number."""
    found = {one.code: one.text for one in limits_of(SHOWN, TOLD)}
    more = ["halted", "partly", "retired-copies", "given-out", "locked", "stored-plain"]
    more += ["keys-survive", "also-occurs", "residue"]
    assert list(found) == [*ALWAYS, *more]
    assert "plain: 3." in found["stored-plain"]
    assert "recipients: 2;" in found["keys-survive"]
    elsewhere = msgspec.structs.replace(QUIET, keys=None, also_in=None, residue=None)
    assert "unreported" in {one.code for one in limits_of(SHOWN, elsewhere)}


def test_words_never_change() -> None:
    """A certificate holds as long as its format is read: its words are those of version 1."""
    unknown = msgspec.structs.replace(TOLD, keys=None)
    said = {one.text for told in (TOLD, unknown) for one in limits_of(SHOWN, told)}
    assert sha256("\n".join(sorted(said)).encode()).hexdigest() == WORDS
