"""The methods that a PDS passes on to the AppView (app.bsky)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.demo.bluesky.calls import XrpcError, account_of, page

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from archiver.demo.bluesky.calls import Rows
    from archiver.demo.bluesky.network import Record, Value
    from archiver.demo.bluesky.views import Views

__all__ = ["METHODS"]


def _profile(views: Views, query: Mapping[str, str]) -> Value:
    did = account_of(views.network, query["actor"]).did
    follows = views.network.of("app.bsky.graph.follow")
    return views.person(did, more=True) | {
        "followersCount": sum(one.value["subject"] == did for one in follows),
        "followsCount": sum(one.did == did for one in follows),
        "postsCount": len(views.network.of("app.bsky.feed.post", did)),
    }


def _feed(views: Views, query: Mapping[str, str]) -> Value:
    did = account_of(views.network, query["actor"]).did
    of = views.network.of
    found = [*of("app.bsky.feed.post", did), *of("app.bsky.feed.repost", did)]
    found.sort(key=lambda one: one.sort, reverse=True)
    rows = ((one.sort, views.entry(one)) for one in found)
    return page("feed", ((key, view) for key, view in rows if view), query)


def _thread(views: Views, query: Mapping[str, str]) -> Value:
    uri = query["uri"]
    if uri not in views.network.records:
        raise XrpcError(400, "NotFound", f"Post not found: {uri}")
    one = views.network.record(uri)
    above = views.above(one, int(query.get("parentHeight", 80)))
    return {"thread": views.thread(one, int(query.get("depth", 6))) | above, **views.gate(uri)}


def _likes(views: Views, query: Mapping[str, str]) -> Value:
    rows = (
        (one.sort, {"actor": views.person(one.did, more=True)} | _times(one))
        for one in views.about("like", query["uri"])
    )
    return {"uri": query["uri"], **page("likes", rows, query)}


def _reposts(views: Views, query: Mapping[str, str]) -> Value:
    found = views.about("repost", query["uri"])
    rows = ((one.sort, views.person(one.did, more=True)) for one in found)
    return {"uri": query["uri"], **page("repostedBy", rows, query)}


def _quotes(views: Views, query: Mapping[str, str]) -> Value:
    rows = ((one.sort, views.post(one)) for one in views.quotes(query["uri"]))
    return {"uri": query["uri"], **page("posts", rows, query)}


def _followers(views: Views, query: Mapping[str, str]) -> Value:
    did = account_of(views.network, query["actor"]).did
    found = [one for one in _graph(views, "follow") if one.value["subject"] == did]
    rows = ((one.sort, views.person(one.did, more=True)) for one in found)
    return {"subject": views.person(did, more=True), **page("followers", rows, query)}


def _follows(views: Views, query: Mapping[str, str]) -> Value:
    did = account_of(views.network, query["actor"]).did
    rows = _subjects(views, "follow", did)
    return {"subject": views.person(did, more=True), **page("follows", rows, query)}


def _blocks(views: Views, query: Mapping[str, str]) -> Value:
    return page("blocks", _subjects(views, "block", views.me), query)


def _mutes(views: Views, query: Mapping[str, str]) -> Value:
    mutes = sorted(views.network.accounts[views.me].mutes, reverse=True)
    return page("mutes", ((did, views.person(did, more=True)) for did in mutes), query)


def _no_lists(views: Views, query: Mapping[str, str]) -> Value:
    del views, query
    return {"lists": []}


def _subjects(views: Views, kind: str, did: str) -> Rows:
    found = [one for one in _graph(views, kind) if one.did == did]
    return ((one.sort, views.person(one.value["subject"], more=True)) for one in found)


def _graph(views: Views, kind: str) -> list[Record]:
    return views.network.of(f"app.bsky.graph.{kind}")


def _notifications(views: Views, query: Mapping[str, str]) -> Value:
    rows = ((one[0].sort, views.notification(*one)) for one in views.notifications())
    return {"priority": False, **page("notifications", rows, query)}


def _relations(views: Views, query: Mapping[str, str]) -> Value:
    stance = views.person(query["others"])["viewer"]
    relation: Value = {"$type": "app.bsky.graph.defs#relationship", "did": query["others"]}
    relation |= {key: stance[key] for key in ("following", "followedBy") if key in stance}
    return {"actor": views.me, "relationships": [relation]}


def _times(one: Record) -> Value:
    return {"createdAt": one.value["createdAt"], "indexedAt": one.value["createdAt"]}


METHODS: Mapping[str, Callable[[Views, Mapping[str, str]], Value]] = {
    "app.bsky.actor.getProfile": _profile,
    "app.bsky.feed.getAuthorFeed": _feed,
    "app.bsky.feed.getPostThread": _thread,
    "app.bsky.feed.getLikes": _likes,
    "app.bsky.feed.getRepostedBy": _reposts,
    "app.bsky.feed.getQuotes": _quotes,
    "app.bsky.graph.getFollowers": _followers,
    "app.bsky.graph.getFollows": _follows,
    "app.bsky.graph.getMutes": _mutes,
    "app.bsky.graph.getBlocks": _blocks,
    "app.bsky.graph.getListMutes": _no_lists,
    "app.bsky.graph.getRelationships": _relations,
    "app.bsky.notification.listNotifications": _notifications,
}
