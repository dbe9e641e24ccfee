"""The demo city's life, lived on a real network: every act is done there, and kept here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archiver.demo.bluesky.encoding import tid
from archiver.demo.bluesky.life import CityNetwork
from archiver.demo.bluesky.network import Account, Record

if TYPE_CHECKING:
    import httpx

    from archiver.demo.bluesky.network import Value
    from tests.real.bluesky.server import BlueskyNetwork

__all__ = ["Mirror"]

LABELER = "did:example:labeler"
"""Whose labels the network's AppView shows by default."""
LABEL = """
insert into bsky.label (src, uri, cid, val, neg, cts)
values (:'src', :'uri', '', :'val', false, '2026-11-01T00:00:00.000Z') returning uri
"""


class Mirror(CityNetwork):
    """The stand-in's state after acts that a real PDS accepted, with its DIDs and CIDs.

    ``acts`` counts them. Record keys and times are those of the stand-in's own clock.
    """

    user = "quillwater.test"

    def __init__(self, server: BlueskyNetwork, client: httpx.Client) -> None:
        self.server = server
        self.acts = 0
        self.client = client
        self._tokens: dict[str, str] = {}
        super().__init__()

    def join(self, handle: str, name: str, password: str = "") -> str:
        """Make an account with a profile; return its DID."""
        handle = handle.replace(".example", ".test")
        password = password or f"password of {handle}"
        about = {"handle": handle, "email": f"{handle}@mail.example", "password": password}
        made = self._call("", "com.atproto.server.createAccount", about)
        did = str(made["did"])
        self._tokens[did] = made["accessJwt"]
        self.accounts[did] = Account(did, handle, self._tick(), password)
        self.describe(did, name, "")
        return did

    def mute(self, did: str, other: str) -> None:
        """Mute somebody."""
        self._call(did, "app.bsky.graph.muteActor", {"actor": other})
        super().mute(did, other)

    def unmute(self, did: str, other: str) -> None:
        """Hear somebody again."""
        self._call(did, "app.bsky.graph.unmuteActor", {"actor": other})
        super().unmute(did, other)

    def delete(self, uri: str) -> str:
        """Delete a record."""
        _, _, did, collection, rkey = uri.split("/")
        about = {"repo": did, "collection": collection, "rkey": rkey}
        done = self._call(did, "com.atproto.repo.deleteRecord", about)
        super().delete(uri)
        self.accounts[did].rev = done["commit"]["rev"]
        return uri

    def label(self, uri: str, *values: str) -> str:
        """Have the network's moderation label a post: its labels come from its labelers."""
        for value in values:
            self.server.sql(LABEL, src=LABELER, uri=uri, val=value)
            self.acts += 1
        return super().label(uri, *values)

    def _upload(self, did: str, data: bytes) -> Value:
        blob: Value = self._call(did, "com.atproto.repo.uploadBlob", data)["blob"]
        self.blobs[did, blob["ref"]["$link"]] = data, "image/png"
        return blob

    def _put(self, did: str, rkey: str, value: Value, *, tick: bool = True) -> str:
        if tick:
            self._tick()
        about = {"repo": did, "collection": value["$type"], "rkey": rkey, "record": value}
        uri = f"at://{did}/{value['$type']}/{rkey}"
        before = self.records.get(uri)
        verb = "putRecord" if before or rkey == "self" else "createRecord"
        done = self._call(did, f"com.atproto.repo.{verb}", about)
        assert done["uri"] == uri
        self.accounts[did].rev = done["commit"]["rev"]
        sort = before.sort if before else tid(self.now)
        self.records[uri] = Record(uri, value, sort, done["cid"])
        self._found.clear()
        return uri

    def _call(self, did: str, nsid: str, body: Value | bytes) -> Any:  # noqa: ANN401 - any JSON
        """Call a procedure of the PDS as somebody."""
        self.acts += 1
        headers = {"Authorization": f"Bearer {self._tokens[did]}"} if did else {}
        if isinstance(body, bytes):
            headers["Content-Type"] = "image/png"
            answer = self.client.post(nsid, content=body, headers=headers)
        else:
            answer = self.client.post(nsid, json=body, headers=headers)
        assert answer.is_success, (nsid, body, answer.text)
        return answer.json() if answer.content else {}
