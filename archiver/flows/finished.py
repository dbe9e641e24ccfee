"""Whether the last capture of an account ended: only then does what is known prove more.

An incremental run stops at things that are known, for whatever came before or with them
was captured as well. That does not hold after a run that was killed, or that could not
finish what it had begun. So a run that ended says so in the ledger, beside its last batch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.ledger.state import SETTLE

if TYPE_CHECKING:
    from archiver.ledger.state import LedgerState

__all__ = ["finished_at"]


def finished_at(state: LedgerState, account: str) -> int | None:
    """Return the entry with which an account's last capture, from whatever home, came to its end.

    None where it did not.

    Batches without exchanges are documents of our own (an approval, a parser's source): no
    capture. Any other batch belongs to a run that goes on, until one says that it ended.
    """
    for index, body in reversed(state.controls):
        if body["t"] == "repeat" and body["account"] == account:
            return index if body["ended"] else None
        settled = body["t"] == "seal" and body["stage"] == SETTLE and "lane" in body
        if settled and body["account"] == account:
            return None
    return None
