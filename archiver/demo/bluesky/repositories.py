"""The methods that a PDS answers from its own repositories (com.atproto)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.demo.answer import Answer
from archiver.demo.bluesky.calls import XrpcError, account_of, page
from archiver.demo.bluesky.encoding import car, record_cid

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from archiver.demo.bluesky.network import Network, Record, Value

__all__ = ["METHODS"]


def _describe(network: Network, query: Mapping[str, str]) -> Value:
    account = network.account(query["repo"])
    if account is None:
        raise XrpcError(400, "RepoNotFound", f"Could not find user: {query['repo']}")
    own = [one for one in network.records.values() if one.did == account.did]
    return {
        "handle": account.handle,
        "did": account.did,
        "didDoc": {"id": account.did, "alsoKnownAs": [f"at://{account.handle}"]},
        "collections": sorted({one.collection for one in own}),
        "handleIsCorrect": True,
    }


def _records(network: Network, query: Mapping[str, str]) -> Value:
    found = network.of(query["collection"], account_of(network, query["repo"]).did)
    rows = ((one.uri.rpartition("/")[2], _plain(one)) for one in found)
    return page("records", rows, query)


def _record(network: Network, query: Mapping[str, str]) -> Value:
    did = account_of(network, query["repo"]).did
    uri = f"at://{did}/{query['collection']}/{query['rkey']}"
    if uri not in network.records:
        raise XrpcError(400, "RecordNotFound", f"Could not locate record: {uri}")
    return _plain(network.records[uri])


def _commit(network: Network, query: Mapping[str, str]) -> Value:
    account = account_of(network, query["did"])
    return {"cid": record_cid(account.rev), "rev": account.rev}


def _blob(network: Network, query: Mapping[str, str]) -> Answer:
    found = network.blobs.get((query["did"], query["cid"]))
    if found is None:
        raise XrpcError(400, "InvalidRequest", "Blob not found")
    return Answer(200, (("Content-Type", found[1]),), found[0])


def _car(network: Network, query: Mapping[str, str]) -> Answer:
    account = account_of(network, query["did"])
    own = [one.value for one in network.records.values() if one.did == account.did]
    headers = (("Content-Type", "application/vnd.ipld.car"),)
    return Answer(200, headers, car(own, account.did, account.rev))


def _plain(one: Record) -> Value:
    return {"uri": one.uri, "cid": one.cid, "value": one.value}


METHODS: Mapping[str, Callable[[Network, Mapping[str, str]], Value | Answer]] = {
    "com.atproto.repo.describeRepo": _describe,
    "com.atproto.repo.listRecords": _records,
    "com.atproto.repo.getRecord": _record,
    "com.atproto.sync.getLatestCommit": _commit,
    "com.atproto.sync.getBlob": _blob,
    "com.atproto.sync.getRepo": _car,
}
