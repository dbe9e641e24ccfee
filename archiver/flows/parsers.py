"""The source of a parser: rows are derived by it, so it is kept with them."""

from __future__ import annotations

import inspect
import re
import sys
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from archiver.capture.known import mark_of
from archiver.capture.settling import Settler
from archiver.flows.connectors import connector as connector_of
from archiver.flows.known import keep_known
from archiver.flows.rows import catalog, row_index
from archiver.flows.segments import read_table
from archiver.flows.settle import seal_settled
from archiver.flows.workflow import workflow_document
from archiver.record import Kind, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.capture.connector import Connector, Site
    from archiver.capture.known import Known
    from archiver.capture.settled import Settled
    from archiver.flows.archive import Archive
    from archiver.ledger.state import LedgerState
    from archiver.registry.accounts import Account

__all__ = ["record_parser", "seal_parser", "source_leaf", "source_of"]

READER = "archiver.capture.reading"
"""Where every exchange is read, whatever its platform."""

_IMPORT = re.compile(r"^from (archiver[.\w]+) import (\([^)]*\)|.*)", re.MULTILINE)
"""Imports that a module makes when it runs: those only for its types are indented."""


def record_parser(
    archive: Archive,
    account: Account,
    site: Site,
    state: LedgerState,
    known: Known,
    one: Connector | None = None,
) -> int | None:
    """Seal the source of the parser in use, where it is not the one that was kept last.

    ``one``: the importer in use, in the place of the account's connector. Returns the batch that
    it is in, which ``known`` then has; None where nothing is new.
    """
    sealed = seal_parser(archive, account, site, state, known, one)
    if sealed is None:
        return None
    batch, document = sealed
    for uuid, observed in document.observations:
        known.take(uuid, observed, mark_of(observed.kind, observed.row, known.key))
    keep_known(archive, account.handle, batch, known)
    return batch


def seal_parser(
    archive: Archive,
    account: Account,
    site: Site,
    state: LedgerState,
    known: Known,
    one: Connector | None = None,
) -> tuple[int, Settled] | None:
    """Seal the source as `record_parser` does; return the batch, and what is in it.

    Of ``known`` the account's own documents are asked for, and nothing is taken into it.
    """
    one = one or connector_of(account.platform)
    native_id, source = f"parser/{one.parser}", source_of(one)
    row = {"name": one.parser, "title": "Parser source", "markup": source}
    kind = Settler(one, site, known, str).document((Stream.WORKFLOW, native_id), row)
    if kind is None:
        return None
    document = workflow_document(archive, account, native_id, Kind(kind), source.encode(), row)
    return seal_settled(archive, state, account.handle, document), document


def source_leaf(archive: Archive, state: LedgerState, account: str, connector: Connector) -> int:
    """Return the ledger index of the source of a connector's parser as last sealed, or -1.

    ``account`` is the handle of the account that it was sealed for.
    """
    name, leaf = f"parser/{connector.parser}", -1
    for one in catalog(archive, state):
        if one.segment.account == account and one.stream == Stream.WORKFLOW:
            ids = read_table(archive, one.segment, ("native_id",))["native_id"].to_pylist()
            found = zip(ids, row_index(one.segment), strict=True)
            leaf = max([leaf, *(index for native_id, index in found if native_id == name)])
    return leaf


def source_of(connector: Connector) -> str:
    """Return the source of all our modules that a connector's rows come from, by name."""
    return _closure(getattr(connector, "module", type(connector).__module__))


@cache
def _closure(first: str) -> str:
    wanted = [first, READER]
    found: dict[str, str] = {}
    while wanted:
        name = wanted.pop()
        if name not in found:
            found[name] = _source(name)
            wanted += _imported(found[name])
    return "\n".join(f"# {name}\n{source}" for name, source in sorted(found.items()))


def _source(name: str) -> str:
    module = import_module(name)
    read = getattr(module.__loader__, "get_source", None)  # inspect takes 20 ms a module
    return str(read(name)) if read is not None else inspect.getsource(module)


def _imported(source: str) -> Iterator[str]:
    for module, names in _IMPORT.findall(source):
        yield module
        for name in re.findall(r"\w+", names):
            if f"{module}.{name}" in sys.modules:
                yield f"{module}.{name}"
