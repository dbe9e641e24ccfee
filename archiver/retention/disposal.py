"""What rule packs say of who outside has to be told, or has to allow, before anything goes. Pure.

A state is known by its packs alone. What an order waits for by it in the log is in
`archiver.retention.outside`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

__all__ = ["RECEIVED", "TRANSFER", "Disposal", "demanded", "disposals", "received"]

RECEIVED, TRANSFER = "received", "transfer"
"""What whoever took records over answers, and what an answer may ask for in place of destroying."""


@dataclass(frozen=True, slots=True)
class Disposal:
    """What goes out, or has to come back, before anything may be destroyed.

    ``kind``: ``certificate`` (an approved copy comes back) or ``notice``. ``to``: the authority.
    ``days``: counted since it went out. ``waivable``: the authority may waive the days. Series
    with a flag of ``unless`` need none. ``outcomes``: answers that it gives, each with what then
    ``goes`` (``all``, ``named``: the records that are named; ``none``), whether a ``copy`` of the
    answer is asked, and what happens ``then`` where nothing goes. ``confidence``: how far the
    text of the law was read.
    """

    kind: str
    to: str
    days: int
    waivable: bool
    unless: tuple[str, ...]
    outcomes: tuple[dict[str, Any], ...]
    citation: str
    confidence: str

    def document(self) -> dict[str, Any]:
        """Return it as the document of an order has it."""
        return asdict(self) | {"unless": list(self.unless), "outcomes": list(self.outcomes)}


def disposals(pack: Mapping[str, Any]) -> tuple[Disposal, ...]:
    """Return what a pack says, from its document, whose form was checked."""
    return tuple(
        Disposal(
            kind=one["kind"],
            to=one["to"],
            days=one["days"],
            waivable=one.get("waivable", False),
            unless=tuple(one.get("unless", ())),
            outcomes=tuple(map(dict, one.get("outcomes", ()))),
            citation=one["citation"],
            confidence=one["confidence"],
        )
        for one in pack.get("disposal", ())
    )


def demanded(found: Iterable[Disposal], flags: Collection[str]) -> Disposal | None:
    """Return what is asked of a series with these flags; None where nothing is.

    Of several the strictest: a certificate goes before a notice, then more days before fewer.
    """

    def strict(one: Disposal) -> tuple[bool, int, int]:
        return one.kind == "certificate", one.days, len(one.outcomes)

    asked = [one for one in found if not set(one.unless) & set(flags)]
    return max(asked, key=strict, default=None)


def received(to: str, days: int, citation: str, confidence: str) -> Disposal:
    """Return what a transfer waits for: the receipt of whoever takes the records over.

    It is asked as a certificate is, whose copy has to be back. The receipt itself is no answer
    that anybody may record for the asking: it is recorded with the bag that it is for.
    """
    return Disposal(
        kind="certificate",
        to=to,
        days=days,
        waivable=False,
        unless=(),
        outcomes=({"answer": "refused", "goes": "none"},),
        citation=citation,
        confidence=confidence,
    )
