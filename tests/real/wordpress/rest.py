"""What WordPress itself says over REST: whole listings, and counts per stream and state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from tests.real.wordpress import oracle
    from tests.real.wordpress.server import WordPress

__all__ = ["COMMENT_STATES", "LISTINGS", "POST_STATES", "counted", "listing", "reported"]

POST_STATES = ("publish", "future", "draft", "pending", "private", "trash")
COMMENT_STATES = ("approve", "hold", "spam", "trash", "post-trashed")
LISTINGS: dict[str, dict[str, str]] = {
    "posts": {"status": ",".join(POST_STATES)},
    "pages": {"status": ",".join(POST_STATES)},
    "comments": {"status": "any", "type": "all"},
    "users": {},
    "media": {"status": "inherit,private,trash"},
}


def listing(client: httpx.Client, path: str, **params: str) -> list[dict[str, Any]]:
    """Return every item of a listing, page by page, and check its count on the way."""
    items: list[dict[str, Any]] = []
    total = "1"
    while len(items) < int(total):
        page = str(len(items) // 100 + 1)
        query = {"context": "edit", "per_page": "100", "page": page, **params}
        answer = client.get(path, params={"orderby": "id", "order": "asc", **query})
        assert answer.status_code == httpx.codes.OK, answer.text
        total = answer.headers["X-WP-Total"]
        items += answer.json()
        if total == "0":
            break
    assert len(items) == int(total)
    return items


def reported(site: WordPress) -> dict[str, int]:
    """Return WordPress's own X-WP-Total for every stream and state; no item is fetched."""
    asked = [(name, state) for name in ("posts", "pages") for state in POST_STATES]
    asked += [("comments", state) for state in COMMENT_STATES]
    asked += [("media", state) for state in ("inherit", "private", "trash")]
    counts = {}
    with site.client() as client:
        for name, state in asked:
            query = {**LISTINGS[name], "status": state, "context": "edit", "per_page": "1"}
            answer = client.head(f"/{name}", params=query)
            counts[f"{name} {state}"] = int(answer.headers["X-WP-Total"])
        answer = client.head("/users", params={"context": "edit"})
        counts["users"] = int(answer.headers["X-WP-Total"])
    return counts


def counted(truth: oracle.Truth) -> dict[str, int]:
    """Return the same counts as `reported`, from the database."""
    wanted = {
        "posts": POST_STATES,
        "pages": POST_STATES,
        "comments": COMMENT_STATES,
        "media": ("inherit", "private", "trash"),
    }
    counts = {
        f"{name} {state}": sum(item.status == state for item in getattr(truth, name).values())
        for name, states in wanted.items()
        for state in states
    }
    return {**counts, "users": len(truth.users)}
