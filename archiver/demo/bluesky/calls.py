"""What calls have in common: pages with cursors, accounts, refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from archiver.demo.bluesky.network import Account, Network, Value

    Rows = Iterable[tuple[str, Value]]

__all__ = ["XrpcError", "account_of", "page"]


class XrpcError(Exception):
    """A refusal in the words of the protocol: status, name, message."""


def account_of(network: Network, actor: str) -> Account:
    """Return an account by DID or handle. Raises `XrpcError`."""
    found = network.account(actor)
    if found is None:
        raise XrpcError(400, "InvalidRequest", f"Could not find repo: {actor}")
    return found


def page(name: str, rows: Rows, query: Mapping[str, str]) -> Value:
    """Return one page of rows, each after its place in time, and where the next begins."""
    limit = int(query.get("limit", 50))
    cursor = query.get("cursor", "")
    left = [row for row in rows if not cursor or row[0] < cursor][:limit]
    found: Value = {name: [view for _, view in left]}
    return found | ({"cursor": left[-1][0]} if left else {})
