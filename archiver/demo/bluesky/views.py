"""How the stand-in AppView shows things to the account that asks (lexicons app.bsky)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from archiver.demo.bluesky.network import Network, Record, Value

__all__ = ["Views"]

_POST = "app.bsky.feed.post"
_COUNTS = ("likeCount", "replyCount", "repostCount", "quoteCount")
_LEVELS = 4
"""How far up a thread the authors of what was answered are told (measured)."""


class Views(NamedTuple):
    """The network as the account ``me`` sees it; ``base`` is the server's address."""

    network: Network
    me: str
    base: str

    def person(self, did: str, *, more: bool = False) -> Value:
        """Return somebody's profile view; ``more``: with description."""
        account = self.network.accounts[did]
        profile = self.network.record(f"at://{did}/app.bsky.actor.profile/self").value
        view = {
            "did": did,
            "handle": account.handle,
            "displayName": profile["displayName"],
            "associated": {"activitySubscription": {"allowSubscriptions": "followers"}},
            "viewer": self._stance(did),
            "labels": [],
        }
        if more:
            told = {"description": profile["description"]} if profile["description"] else {}
            view |= told | {"indexedAt": account.created}
        return view

    def _stance(self, did: str) -> Value:
        me = self.network.accounts[self.me]
        view: Value = {"muted": did in me.mutes, "blockedBy": self.blocks(did, self.me)}
        for name, who, whom, kind in (
            ("following", self.me, did, "follow"),
            ("followedBy", did, self.me, "follow"),
            ("blocking", self.me, did, "block"),
        ):
            found = [one for one in self.network.naming(whom, "subject") if one.did == who]
            view |= {name: one.uri for one in found if one.collection.endswith(kind)}  # noqa: B035 - one at most
        return view

    def blocks(self, did: str, other: str) -> bool:
        """Say whether somebody blocks somebody."""
        found = self.network.naming(other, "subject")
        return any(one.did == did and one.collection.endswith("block") for one in found)

    def about(self, kind: str, uri: str) -> list[Record]:
        """Return likes or reposts of a post, newest first."""
        found = self.network.naming(uri, "subject", "uri")
        return [one for one in found if one.collection.endswith(f".{kind}")]

    def quotes(self, uri: str) -> list[Record]:
        """Return posts that quote a post, newest first."""
        return self.network.naming(uri, "embed", "record", "uri")

    def answers(self, uri: str) -> list[Record]:
        """Return the direct answers to a post, oldest first."""
        return self.network.naming(uri, "reply", "parent", "uri")[::-1]

    def post(self, one: Record) -> Value:
        """Return a post view."""
        view: Value = {
            "uri": one.uri,
            "cid": one.cid,
            "author": self.person(one.did),
            "record": one.value,
            "bookmarkCount": 0,
            "replyCount": len(self.answers(one.uri)),
            "repostCount": len(self.about("repost", one.uri)),
            "likeCount": len(self.about("like", one.uri)),
            "quoteCount": len(self.quotes(one.uri)),
            "indexedAt": one.value["createdAt"],
            "viewer": {"bookmarked": False, "threadMuted": False, "embeddingDisabled": False},
            "labels": [
                {"src": self.me, "uri": one.uri, "val": val, "cts": one.value["createdAt"]}
                for val in self.network.labels.get(one.uri, [])
            ],
        }
        embed = self._embed(one)
        return view | self.gate(one.uri) | ({"embed": embed} if embed else {})

    def gate(self, uri: str) -> Value:
        """Return the rule for answers to a post, as a member, where there is one."""
        gate = self.network.records.get(uri.replace(_POST, "app.bsky.feed.threadgate"))
        if gate is None:
            return {}
        return {"threadgate": {"uri": gate.uri, "cid": gate.cid, "record": gate.value, "lists": []}}

    def _embed(self, one: Record) -> Value:
        """Return the pictures of a post, or the post that it quotes, as people see them."""
        embed = one.value.get("embed", {})
        if "images" in embed:
            images = [self._image(one.did, image) for image in embed["images"]]
            return {"$type": "app.bsky.embed.images#view", "images": images}
        quoted = self.network.records.get(embed.get("record", {}).get("uri", ""))
        if quoted is None:
            return {}
        shown = self.post(quoted)
        record: Value = {"$type": "app.bsky.embed.record#viewRecord", "value": quoted.value}
        record |= {name: shown[name] for name in ("uri", "cid", "author", "labels", "indexedAt")}
        record |= {name: shown[name] for name in _COUNTS}
        record["embeds"] = [shown["embed"]] if "embed" in shown else []
        return {"$type": "app.bsky.embed.record#view", "record": record}

    def _image(self, did: str, image: Value) -> Value:
        where = f"{self.base}/img/{did}/{image['image']['ref']['$link']}"
        return {"thumb": f"{where}/thumb", "fullsize": where, "alt": image["alt"]}

    def thread(self, one: Record, depth: int) -> Value:
        """Return a post with its answers, and theirs, ``depth`` levels down."""
        if self._blocked(one.did, self.me):
            author = {"did": one.did, "viewer": self._stance(one.did)}
            kind = "app.bsky.feed.defs#blockedPost"
            return {"$type": kind, "uri": one.uri, "blocked": True, "author": author}
        node: Value = {"$type": "app.bsky.feed.defs#threadViewPost", "post": self.post(one)}
        if depth:
            shown = [reply for reply in self.answers(one.uri) if not self._apart(one, reply)]
            node["replies"] = [self.thread(reply, depth - 1) for reply in shown]
        return {**node, "threadContext": {}}

    def above(self, one: Record, height: int) -> Value:
        """Return what a post answers, as a member, and what that one answers."""
        uri = one.value.get("reply", {}).get("parent", {}).get("uri", "")
        if not height or not uri:
            return {}
        if uri not in self.network.records:
            kind = "app.bsky.feed.defs#notFoundPost"
            return {"parent": {"$type": kind, "uri": uri, "notFound": True}}
        before = self.network.record(uri)
        node = self.thread(before, 0)
        return {"parent": node if "blocked" in node else node | self.above(before, height - 1)}

    def _blocked(self, did: str, other: str) -> bool:
        return self.blocks(did, other) or self.blocks(other, did)

    def _apart(self, one: Record, reply: Record) -> bool:
        """Say whether an answer is left out: between the two authors there is a block."""
        return self._blocked(one.did, reply.did)

    def entry(self, one: Record) -> Value | None:
        """Return an entry of an author's feed: a post or a repost."""
        if one.collection == _POST:
            return {"post": self.post(one), **self._context(one)}
        shared = self.network.records.get(one.value["subject"]["uri"])
        if shared is None:
            return None
        reason = {
            "$type": "app.bsky.feed.defs#reasonRepost",
            "by": self.person(one.did),
            "uri": one.uri,
            "cid": one.cid,
            "indexedAt": one.value["createdAt"],
        }
        return {"post": self.post(shared), "reason": reason, **self._context(shared)}

    def _context(self, one: Record) -> Value:
        """Return what a reply in a feed answers, and whose post that one answers."""
        reply = one.value.get("reply")
        if not reply or reply["parent"]["uri"] not in self.network.records:
            return {}
        found = {
            part: {"$type": "app.bsky.feed.defs#postView"}
            | self.post(self.network.record(ref["uri"]))
            for part, ref in reply.items()
            if ref["uri"] in self.network.records
        }
        above = self.network.record(reply["parent"]["uri"]).value.get("reply")
        if above:
            found["grandparentAuthor"] = self.person(above["parent"]["uri"].split("/")[2])
        return {"reply": found}

    def notifications(self) -> list[tuple[Record, str, str]]:
        """Return what others did to the account: the record, the reason, what it is about."""
        found, silent = [], {self.me, *self.network.accounts[self.me].mutes}
        for one in sorted(self.network.records.values(), key=lambda one: one.sort, reverse=True):
            reason, subject = self._reason(one)
            if reason and one.did not in silent and not self._blocked(one.did, self.me):
                found.append((one, reason, subject))
        return found

    def _reason(self, one: Record) -> tuple[str, str]:
        """Return why a record concerns the account, and the post of its own concerned."""
        kind, value = one.collection.rpartition(".")[2], one.value
        if kind == "follow":
            return ("follow", "") if value["subject"] == self.me else ("", "")
        if kind in {"like", "repost"}:
            return self._own(kind, value["subject"]["uri"])
        quote = self._own("quote", value.get("embed", {}).get("record", {}).get("uri", ""))
        return quote if quote[0] else self._reply(one)

    def _reply(self, one: Record) -> tuple[str, str]:
        """Return which post of the account's is answered, four levels up at most."""
        root = one.value.get("reply", {}).get("root", {}).get("uri", "")
        gate = self.network.records.get(root.replace(_POST, "app.bsky.feed.threadgate"))
        hidden = gate.value["hiddenReplies"] if gate else []
        above, levels = one, _LEVELS
        while levels and above.uri not in hidden and "reply" in above.value:
            uri = above.value["reply"]["parent"]["uri"]
            found = self._own("reply", uri)
            if found[0] or uri not in self.network.records:
                return found
            above, levels = self.network.record(uri), levels - 1
        return "", ""

    def _own(self, reason: str, uri: str) -> tuple[str, str]:
        return (reason, uri) if uri.startswith(f"at://{self.me}/") else ("", "")

    def notification(self, one: Record, reason: str, subject: str) -> Value:
        """Return a notification."""
        view = {
            "uri": one.uri,
            "cid": one.cid,
            "author": self.person(one.did, more=True),
            "reason": reason,
            "record": one.value,
            "isRead": False,
            "indexedAt": one.value["createdAt"],
            "labels": [],
        }
        return view | ({"reasonSubject": subject} if subject else {})
