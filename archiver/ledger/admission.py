"""What may enter the log: batches of the archive's own key, in entries of closed form. Pure.

Readers take members they do not know; the sequencer admits none. What is refused here
for its form would otherwise stand in the log, signed, for ever.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from archiver.errors import FormatError, IntegrityError
from archiver.ledger.anchor import TIMESTAMP, check_anchor
from archiver.ledger.compaction import COMPACT, check_done_part
from archiver.ledger.deciding import DECIDING, ORDER, check_copy, check_decision, check_part
from archiver.ledger.destroying import DESTROY, check_destroying
from archiver.ledger.entry import is_time
from archiver.ledger.gap import check_gap
from archiver.ledger.generation import check_generation
from archiver.ledger.registrations import check_access, check_rekey, check_role, check_verified
from archiver.ledger.seal import INTAKE
from archiver.ledger.signed import open_batch
from archiver.record import Sensitivity, Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from archiver.ledger.batch import Batch
    from archiver.ledger.state import LedgerState

    Declines = Callable[[LedgerState, Batch], str]

__all__ = ["COUNTS", "INTAKE_FILE", "admit", "check_form", "nobody", "ruled_out"]

INTAKE_FILE = "warc.gz.c256"
"""The one file of an intake segment."""

COUNTS = frozenset(
    (
        "reported", "seen", "new", "changed", "repeats", "residue", "unexplained",
        "whole", "stopped", "broken",
    )
)  # fmt: skip

_REPEAT = frozenset(("t", "time", "began", "ended", "account", "counts"))
_ANCHOR = frozenset(("t", "time", "kind", "size", "file", "sha256"))
_OF_RUN = frozenset(("mode", "again", "since"))
_HEARD = frozenset(("told", "untold", "listened", "stated"))
_STATED = frozenset(("stated", "held", "unexplained"))
_HANDLE = re.compile("[0-9a-z]{1,64}")
_PERIOD = re.compile("[0-9]{4}-[0-9]{2}")
_DIGEST = re.compile("[0-9a-f]{64}")
_SEAL = frozenset(("t", "time", "stage", "account", "segments"))
_OF_INTAKE = frozenset(("lane", "exchanges"))
_SEGMENT = frozenset(("unit", "segment", "series", "period", "sensitivity", "objects", "leaves"))


def nobody(state: LedgerState, batch: Batch) -> str:
    """Decline no batch."""
    del state, batch
    return ""


def admit(
    state: LedgerState,
    data: bytes,
    keys: Sequence[str],
    name: str = "",
    declines: Declines = nobody,
) -> tuple[list[bytes], str]:
    """Take a signed batch into the state; return its entries, or why it is refused.

    ``name`` is what it was handed in as, where it was. ``declines`` tells of a batch that is
    of its form why it may not come here all the same, or "".
    """
    try:
        batch = open_batch(data, keys)
        check_form(batch, state.size)
        entries = batch.entries(state.size)
    except (FormatError, IntegrityError) as error:
        return [], error.message
    refusal = "it bears another name" if name not in ("", batch.id) else state.refusal(batch)
    refusal = refusal or declines(state, batch)
    if refusal:
        return [], refusal
    state.extend(entries)
    return entries, ""


def ruled_out(state: LedgerState, data: bytes, keys: Sequence[str]) -> str:
    """Return why neither this ledger nor any longer one admits a signed batch, or "".

    An empty ledger rules nothing out: what it admits is another thing than what follows.
    """
    if not state.size:
        return ""
    try:
        batch = open_batch(data, keys)
        check_form(batch, state.size)
        batch.entries(state.size)
    except (FormatError, IntegrityError) as error:
        return error.message
    return state.ruled_out(batch)


def check_form(batch: Batch, first: int) -> None:
    """Raise `FormatError` unless all entries of a batch are of a closed form written today.

    ``first`` is the index at which the batch would land: the role of the signer is only at 0.
    """
    for body in batch.controls:
        check = _FORMS.get(str(body.get("t")))
        if check is None or _is_founding(body) != (first == 0):
            raise FormatError("no entry of this type is admitted here", where=repr(body)[:80])
        check(body)
    if first == 0 and (len(batch.controls) != 1 or batch.commitments):
        raise FormatError("the founding entry stands alone")


def _is_founding(body: Mapping[str, Any]) -> bool:
    return body["t"] == "role" and "statement" not in body


def _require(condition: object, what: str) -> None:
    if not condition:
        raise FormatError(f"not admitted: {what}")


def _members(body: Mapping[str, Any], names: frozenset[str], what: str) -> None:
    _require(body.keys() == names, f"{what} with other members than {', '.join(sorted(names))}")


def _is(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and bool(pattern.fullmatch(value))


def _seal(body: dict[str, Any]) -> None:
    if body.get("stage") == DESTROY:
        check_destroying(body)
        return
    intake, compact = body.get("stage") == INTAKE, body.get("stage") == COMPACT
    with_lane = intake or "lane" in body
    names = _SEAL | ({"lane", "exchanges"} if with_lane else set())
    _members(body, names if intake or compact else names | {"batch"}, "seal")
    _require(_is(_HANDLE, body["account"]), "an account that is no handle")
    _require(not with_lane or _is(_HANDLE, body["lane"]), "a lane that is no handle")
    _require(isinstance(body["segments"], list), "a seal without a list of segments")
    for segment in body["segments"]:
        part = _OF_INTAKE if compact and "lane" in segment else frozenset[str]()
        _segment(segment, _SEGMENT | ({"supersedes"} if compact else set()) | part)
    if intake:
        files = [tuple(one["objects"]) for one in body["segments"]]
        _require(files == [(INTAKE_FILE,)], "intake of another form than one encrypted WARC")
        _require(body["segments"][0]["leaves"] == [], "intake with records")
        _require(len(body["exchanges"]) == 1, "intake of more than one range of numbers")


def _segment(segment: Any, names: frozenset[str]) -> None:  # noqa: ANN401 - any JSON value
    _require(isinstance(segment, dict), "a segment that is no object")
    _members(segment, names, "segment")
    _require(_is(_HANDLE, segment["series"]), "a series that is no plain word")
    _require(_is(_PERIOD, segment["period"]), "a period that is no month")
    _require(_is(_HANDLE, segment.get("lane", "0")), "a lane that is no handle")
    _require(segment["sensitivity"] in tuple(Sensitivity), "a sensitivity that is none")
    _require(isinstance(segment["objects"], dict), "a segment without its files")


def _repeat(body: dict[str, Any]) -> None:
    heard = _HEARD if "told" in body else frozenset[str]()
    _members(body, _REPEAT | (_OF_RUN | heard if "mode" in body else set()), "repeat")
    _require(isinstance(body["ended"], bool), "a run of which nobody says whether it ended")
    _require(is_time(body["began"]), "a run that began at no time")
    _require(_is(_HANDLE, body["account"]), "an account that is no handle")
    counts = body["counts"]
    _require(isinstance(counts, dict), "counts that are no object")
    _require(counts.keys() <= set(Stream), "counts of no known stream")
    if "mode" in body:
        _of_run(body)
    if heard:
        _heard(body)
    for one in counts.values():
        _require(isinstance(one, dict), "counts that are no object")
        _members(one, COUNTS, "counts")
        _require(one["reported"] is None or _is_count(one["reported"]), "a count that is none")
        _require(all(_is_count(one[n]) for n in COUNTS - {"reported"}), "a count that is none")


def _generation(body: dict[str, Any]) -> None:
    _members(body, frozenset(("t", "time", "account", "leaves", "of")), "generation")
    check_generation(body)


def _anchor(body: dict[str, Any]) -> None:
    stamped = frozenset(("of",) if body.get("kind") == TIMESTAMP else ())
    _members(body, _ANCHOR | stamped, "anchor")
    check_anchor(body)


def _of_run(body: dict[str, Any]) -> None:
    """Check what runs say since they need not read everything; batches before them do not."""
    _require(_is(_HANDLE, body["mode"]), "a mode that is no plain word")
    _require(_is_count(body["again"]), "a count that is none")
    _require(isinstance(body["since"], dict), "moments that are no object")
    _require(body["since"].keys() <= body["counts"].keys(), "a moment of no stream that was read")
    _require(all(map(is_time, body["since"].values())), "a moment that is none")


def _heard(body: dict[str, Any]) -> None:
    """Check what runs say since they also say what was heard, and what the profile counts."""
    for name in _HEARD:
        _require(isinstance(body[name], dict), "what was heard that is no object")
        _require(body[name].keys() <= set(Stream), "what was heard of no known stream")
    for one in body["stated"].values():
        _require(isinstance(one, dict) and one.keys() == _STATED, "a profile's count of other form")
    counted = [count for one in body["stated"].values() for count in one.values()]
    told = [*body["told"].values(), *body["untold"].values(), *counted]
    _require(all(map(_is_count, told)), "a count that is none")
    for spans in body["listened"].values():
        _require(isinstance(spans, list), "spans that are no list")
        for one in spans:
            _require(isinstance(one, list) and len(one) == 2 and all(map(is_time, one)), "no span")  # noqa: PLR2004 - first and end
        moments = [moment for one in spans for moment in one]
        _require(moments == sorted(moments), "spans that are not in order")


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 0


def _role(body: dict[str, Any]) -> None:
    if not _is_founding(body):
        check_role(body)
        return
    _members(body, frozenset(("t", "time", "role", "keys", "document")), "role")
    _require(body["role"] == "log-signer", "another role than that of the signer")
    keys = body["keys"]
    _require(isinstance(keys, list) and keys, "a role without keys")
    _require(all(isinstance(key, str) and key for key in keys), "a key that is no text")
    _require(_is(_DIGEST, body["document"]), "a role without the digest of its document")


def _done_part(body: dict[str, Any]) -> None:
    check = check_part if body.get("work") == ORDER else check_done_part
    check(body)


_FORMS: dict[str, Callable[[dict[str, Any]], None]] = {
    "seal": _seal,
    "repeat": _repeat,
    "gap": check_gap,
    "generation": _generation,
    "role": _role,
    "rekey": check_rekey,
    "access": check_access,
    "anchor": _anchor,
    "verified": check_verified,
    "done-part": _done_part,
    "copy": check_copy,
    **dict.fromkeys(sorted(DECIDING), check_decision),
}
