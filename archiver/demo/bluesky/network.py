"""What the stand-in network holds, and what people do on it.

The network has its own clock, which every verb moves forward, so that the same verbs
always make the same network. Verbs return the address of what they made or changed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

from archiver.demo.bluesky.encoding import blob_cid, ordered, record_cid, tid
from archiver.errors import UsageError

__all__ = ["POST", "Account", "Change", "Network", "Record", "Value"]

_OPENED = datetime(2026, 1, 5, 14, 0, tzinfo=UTC)
_STEP = timedelta(minutes=17)
POST = "app.bsky.feed.post"

Value = dict[str, Any]


@dataclass(slots=True)
class Account:
    """Somebody on the network; ``mutes`` are DIDs, kept outside the repository."""

    did: str
    handle: str
    created: str
    password: str
    rev: str = ""
    mutes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Record:
    """One record of a repository; ``sort`` is its place in time, ``cid`` what it says now."""

    uri: str
    value: Value
    sort: str
    cid: str

    @property
    def did(self) -> str:
        """Whose it is."""
        return self.uri.split("/")[2]

    @property
    def collection(self) -> str:
        """What kind of record it is."""
        return self.uri.split("/")[3]


class Change(NamedTuple):
    """What happened to one record: ``action`` is create, update or delete.

    ``before`` is the CID of what it was, ``at`` the time (RFC 3339) by the real clock.
    """

    did: str
    rev: str
    action: str
    path: str
    value: Value | None
    before: str
    at: str


class Network:
    """Accounts by DID, records by address, files by DID and CID, labels by address.

    ``log`` has everything that happened to records, in order.
    """

    def __init__(self) -> None:
        self.now = _OPENED
        self.accounts: dict[str, Account] = {}
        self.records: dict[str, Record] = {}
        self.blobs: dict[tuple[str, str], tuple[bytes, str]] = {}
        self.labels: dict[str, list[str]] = {}
        self.log: list[Change] = []
        self._found: dict[tuple[str, str], list[Record]] = {}

    # ── People ───────────────────────────────────────────────────────────────────────
    def join(self, handle: str, name: str, password: str = "") -> str:
        """Make an account with a profile; return its DID."""
        digest = record_cid(handle)[-24:]
        password = password or sha256(handle.encode()).hexdigest()
        self.accounts[f"did:plc:{digest}"] = Account(
            f"did:plc:{digest}", handle, self._tick(), password
        )
        self.describe(f"did:plc:{digest}", name, "")
        return f"did:plc:{digest}"

    def describe(self, did: str, name: str, text: str) -> str:
        """Give an account a name and a description."""
        value = {"$type": "app.bsky.actor.profile", "displayName": name, "description": text}
        return self._put(did, "self", value)

    def mute(self, did: str, other: str) -> None:
        """Mute somebody."""
        self._tick()
        self.accounts[did].mutes.append(other)

    def unmute(self, did: str, other: str) -> None:
        """Hear somebody again."""
        self._tick()
        self.accounts[did].mutes.remove(other)

    # ── Posts ────────────────────────────────────────────────────────────────────────
    def post(
        self,
        did: str,
        text: str,
        *,
        to: str = "",
        quote: str = "",
        picture: tuple[bytes, str] | None = None,
    ) -> str:
        """Post, in answer ``to`` a post, quoting one, or with a picture and its description."""
        value: Value = {"$type": POST, "text": text, "langs": ["en"]}
        if to:
            root = self.record(to).value.get("reply", {}).get("root") or self._ref(to)
            value["reply"] = {"root": root, "parent": self._ref(to)}
        if quote:
            value["embed"] = {"$type": "app.bsky.embed.record", "record": self._ref(quote)}
        if picture:
            data, alt = picture
            image = {"alt": alt, "image": self._upload(did, data)}
            value["embed"] = {"$type": "app.bsky.embed.images", "images": [image]}
        return self._create(did, value)

    def edit(self, uri: str, text: str) -> str:
        """Write a post anew (com.atproto.repo.putRecord); the text before is lost."""
        one = self.record(uri)
        return self._put(one.did, uri.rpartition("/")[2], {**one.value, "text": text})

    def act(self, did: str, what: str, subject: str) -> str:
        """``like`` or ``repost`` a post; ``follow`` or ``block`` an account."""
        kind = "graph" if what in {"follow", "block"} else "feed"
        aim = subject if kind == "graph" else self._ref(subject)
        return self._create(did, {"$type": f"app.bsky.{kind}.{what}", "subject": aim})

    def hide(self, uri: str, *hidden: str) -> str:
        """Hide answers to a post of one's own, and no others (its thread gate)."""
        one, rkey = self.record(uri), uri.rpartition("/")[2]
        kind = "app.bsky.feed.threadgate"
        before = self.records.get(f"at://{one.did}/{kind}/{rkey}")
        made = before.value["createdAt"] if before else self._time()
        value = {"$type": kind, "post": uri, "hiddenReplies": list(hidden), "createdAt": made}
        return self._put(one.did, rkey, value)

    def delete(self, uri: str) -> str:
        """Delete a record; nothing of it stays."""
        one = self.record(uri)
        self.accounts[one.did].rev = tid(self.now)
        del self.records[uri]
        self._note(uri, "delete", None, one)
        self._tick()
        return uri

    def label(self, uri: str, *values: str) -> str:
        """Have the network's moderation label a post."""
        self._tick()
        self.labels[uri] = list(values)
        return uri

    # ── Looking things up ────────────────────────────────────────────────────────────
    def record(self, uri: str) -> Record:
        """Return a record. Raises `UsageError` where there is none."""
        if uri not in self.records:
            raise UsageError("the stand-in network has no such record", where=uri)
        return self.records[uri]

    def account(self, actor: str) -> Account | None:
        """Return an account by DID or handle."""
        found = (one for one in self.accounts.values() if actor in {one.did, one.handle})
        return next(found, None)

    def of(self, collection: str, did: str = "") -> list[Record]:
        """Return the records of a kind, newest first, of one account or of all."""
        if (collection, did) not in self._found:
            found = [
                one
                for one in self.records.values()
                if one.collection == collection and did in {"", one.did}
            ]
            found.sort(key=lambda one: one.sort, reverse=True)
            self._found[collection, did] = found
        return self._found[collection, did]

    def naming(self, uri: str, *path: str) -> list[Record]:
        """Return the records whose members at ``path`` name ``uri``, newest first."""
        key = ("/".join(path), uri)
        if ("/".join(path), "") not in self._found:
            self._found["/".join(path), ""] = []
            for one in sorted(self.records.values(), key=lambda one: one.sort, reverse=True):
                named = _at(one.value, path)
                if named:
                    self._found.setdefault(("/".join(path), named), []).append(one)
        return self._found.get(key, [])

    def _ref(self, uri: str) -> Value:
        return {"uri": uri, "cid": self.record(uri).cid}

    def _upload(self, did: str, data: bytes) -> Value:
        cid = blob_cid(data)
        self.blobs[did, cid] = data, "image/png"
        link = {"$link": cid}
        return {"$type": "blob", "ref": link, "mimeType": "image/png", "size": len(data)}

    def _create(self, did: str, value: Value) -> str:
        value["createdAt"] = self._tick()
        return self._put(did, tid(self.now), value, tick=False)

    def _put(self, did: str, rkey: str, value: Value, *, tick: bool = True) -> str:
        if tick:
            self._tick()
        self.accounts[did].rev = tid(self.now)
        uri = f"at://{did}/{value['$type']}/{rkey}"
        before, value = self.records.get(uri), ordered(value)
        self.records[uri] = Record(
            uri, value, before.sort if before else tid(self.now), record_cid(value)
        )
        self._note(uri, "update" if before else "create", value, before)
        self._found.clear()
        return uri

    def _note(self, uri: str, action: str, value: Value | None, before: Record | None) -> None:
        """Write down what happened to a record."""
        _, _, did, path = uri.split("/", 3)
        at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        was = before.cid if before else ""
        self.log.append(Change(did, self.accounts[did].rev, action, path, value, was, at))

    def _tick(self) -> str:
        self.now += _STEP
        self._found.clear()
        return self._time()

    def _time(self) -> str:
        return self.now.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _at(value: Value, path: tuple[str, ...]) -> str:
    """Return the text at a path of members, empty where there is none."""
    one: Any = value
    for name in path:
        one = one.get(name) if isinstance(one, dict) else None
    return one if isinstance(one, str) else ""
