"""A few people on a real PDS, and what its sequencer wrote down of them."""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from archiver.formats.dag_cbor import Link, cid_text, read

if TYPE_CHECKING:
    import httpx

    from tests.real.bluesky.server import BlueskyNetwork

__all__ = ["Operation", "Villagers", "sequenced"]

POST = "app.bsky.feed.post"


class Operation(NamedTuple):
    """One operation as the sequencer has it; ``cid`` empty for a deletion."""

    seq: int
    action: str
    uri: str
    cid: str


@dataclass(slots=True)
class Villagers:
    """Calls procedures of a PDS as the people on it."""

    client: httpx.Client
    tokens: dict[str, str] = field(default_factory=dict)
    said: int = 0

    def join(self, handle: str) -> str:
        """Make an account; return its DID."""
        about = {"handle": handle, "email": f"{handle}@mail.example", "password": f"of {handle}"}
        made = self._call("", "com.atproto.server.createAccount", about)
        self.tokens[made["did"]] = made["accessJwt"]
        return str(made["did"])

    def create(self, did: str, value: dict[str, Any], collection: str = POST) -> str:
        """Create a record; return its address."""
        about = {"repo": did, "collection": collection, "record": value, "validate": False}
        return str(self._call(did, "com.atproto.repo.createRecord", about)["uri"])

    def post(self, did: str, text: str, **more: object) -> str:
        """Post a text."""
        self.said += 1
        at = f"2026-11-01T10:00:{self.said % 60:02}.000Z"
        return self.create(did, {"$type": POST, "text": text, "createdAt": at, **more})

    def put(self, uri: str, value: dict[str, Any]) -> None:
        """Write a record anew."""
        did, collection, rkey = uri.removeprefix("at://").split("/")
        about = {"repo": did, "collection": collection, "rkey": rkey, "record": value}
        self._call(did, "com.atproto.repo.putRecord", {**about, "validate": False})

    def edit(self, uri: str, text: str) -> None:
        """Write a post anew, with another text."""
        self.put(uri, {"$type": POST, "text": text, "createdAt": "2026-11-01T11:00:00.000Z"})

    def delete(self, uri: str) -> None:
        """Delete a record."""
        did, collection, rkey = uri.removeprefix("at://").split("/")
        about = {"repo": did, "collection": collection, "rkey": rkey}
        self._call(did, "com.atproto.repo.deleteRecord", about)

    def _call(self, did: str, nsid: str, body: dict[str, Any]) -> Any:  # noqa: ANN401 - any JSON
        headers = {"Authorization": f"Bearer {self.tokens[did]}"} if did else {}
        answer = self.client.post(nsid, json=body, headers=headers)
        assert answer.is_success, (nsid, body, answer.text)
        return answer.json() if answer.content else {}


def sequenced(server: BlueskyNetwork, did: str) -> list[Operation]:
    """Return every operation on a repository in the PDS's own sequencer, in order."""
    query = "select seq, event from repo_seq where did = ? and eventType = 'append' order by seq"
    rows: list[tuple[int, bytes]] = []
    for file in (server.folder / "tmp").glob("*/sequencer.sqlite"):  # of each PDS of the network
        with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as store:
            rows += store.execute(query, (did,))
    found = []
    for seq, event in rows:
        body: Any = read(bytes(event))[0]
        for one in body["ops"]:
            cid = cid_text(one["cid"].cid) if isinstance(one["cid"], Link) else ""
            found.append(Operation(seq, one["action"], f"at://{did}/{one['path']}", cid))
    return found
