"""What the archive should hold, from the mock's own database, in the terms of the archive.

Where the mock differs from Mastodon: an answer keeps the id of a deleted status, a
notification outlives its status, and a conversation has the id of its last message.
"""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING, Any

from tests.real.mastodon.server import CITY

if TYPE_CHECKING:
    from sqlite3 import Row

    from archiver.demo.mastodon.truth import Truth
    from tests.real.mastodon.server import MastodonMock

__all__ = ["read"]

STREAMS = (
    "posts", "comments", "reactions", "subscribers", "messages", "media", "moderation",
)  # fmt: skip


def moment(text: str | None) -> str:
    """Return a time of the database as the API spells it."""
    return f"{text.replace(' ', 'T')}+00:00" if text else ""


def read(server: MastodonMock) -> Truth:
    """Return everything that the city is shown of its account."""
    (city,) = server.rows("select * from accounts where username = ?", CITY)
    found: Truth = {stream: {} for stream in STREAMS}
    reader = _Reader(server, found, int(city["id"]))
    reader.statuses()
    reader.notifications()
    reader.relations()
    reader.rest()
    own = {"handle": CITY, "name": city["display_name"], "text": plain(city["note"])}
    found["profile"] = {str(city["id"]): own, f"{city['id']}/settings": own}
    return found


def plain(markup: str) -> str:
    """Return the text of what the mock renders: paragraphs and line breaks only."""
    lines = markup.replace("</p><p>", "\n\n").replace("<br />", "\n").replace("<br>", "\n")
    return html.unescape(lines.removeprefix("<p>").removesuffix("</p>"))


class _Reader:
    """Reads the tables one after the other into ``found``."""

    def __init__(self, server: MastodonMock, found: Truth, city: int) -> None:
        self.server, self.found, self.city = server, found, city
        self.all = {row["id"]: row for row in server.rows("select * from statuses")}
        self.mentions: dict[int, set[int]] = {}
        for row in server.rows("select * from status_mentions"):
            self.mentions.setdefault(row["status_id"], set()).add(row["account_id"])
        own = [row for row in self.all.values() if row["account_id"] == city]
        open_own = [row for row in own if row["visibility"] != "direct"]
        self.answered = {above for row in open_own for above in self._above(row)}
        self.names = {
            row["id"]: row["username"] for row in server.rows("select id, username from accounts")
        }

    def statuses(self) -> None:
        """Read statuses that are the city's, name it, are in its threads or answered by it."""
        talks: dict[frozenset[int], int] = {}
        for number, row in self.all.items():
            if row["visibility"] == "direct":
                people = frozenset({row["account_id"], *self.mentions.get(number, ())})
                if self.city in people:
                    talks[people] = max(number, talks.get(people, 0))
            if self._seen(row):
                self._status(row)
        for last in talks.values():
            about = {"extra": f'"last_status":"{last}"'}
            self.found["messages"][f"conversation/{last}"] = about

    def _seen(self, row: Row) -> bool:
        if row["account_id"] == self.city or self.city in self.mentions.get(row["id"], ()):
            return True
        above = [self.all[number] for number in self._above(row)]
        return row["id"] in self.answered or any(one["account_id"] == self.city for one in above)

    def _above(self, row: Row) -> list[int]:
        """Return what a status answers, what that one answers, and so on."""
        found = []
        above = self.all.get(row["in_reply_to_id"])
        while above is not None:
            found.append(above["id"])
            above = self.all.get(above["in_reply_to_id"])
        return found

    def _status(self, row: Row) -> None:
        own, number = row["account_id"] == self.city, row["id"]
        stream = "messages" if row["visibility"] == "direct" else ("posts" if own else "comments")
        source = self.all.get(row["reblog_of_id"], row)
        self.found[stream][str(number)] = {
            "markup": source["content"],
            "text": plain(source["content"]),
            "state": row["visibility"] if source is row else "boost",
            "author_id": str(source["account_id"]),
            "parent_id": str(row["in_reply_to_id"] or row["reblog_of_id"] or ""),
            "created": moment(row["created_at"]),
            "modified": moment(row["edited_at"]),
        }
        versions = [one["content"] for one in json.loads(row["edit_history"] or "[]")]
        for place, text in enumerate([*versions, row["content"]] if versions else []):
            self.found[stream][f"{number}/edit/{place + 1}"] = {"markup": text}
        for one in self.server.rows(
            "select * from media_attachments where status_id = ?", source["id"]
        ):
            self.found["media"][str(one["id"])] = {"alt_text": one["description"]}
            about = {"url": one["url"], "media_type": "image/png"}
            self.found["media"][f"{one['id']}/file"] = about
        if stream == "posts" and row["reblog_of_id"] is None:
            self._reactions(number)

    def _reactions(self, number: int) -> None:
        fans = self.server.rows("select account_id from favourites where status_id = ?", number)
        boosts = [row for row in self.all.values() if row["reblog_of_id"] == number]
        some = (("favourited_by", "favourite", fans), ("reblogged_by", "boost", boosts))
        for route, state, rows in some:
            for row in rows:
                who = row["account_id"]
                about = {"state": state, "author_name": self.names[who], "parent_id": str(number)}
                self.found["reactions"][f"{number}/{route}/{who}"] = about

    def notifications(self) -> None:
        """Read what the city was told."""
        for row in self.server.rows("select * from notifications where account_id = ?", self.city):
            there = row["status_id"] in self.all
            self.found["messages"][f"notification/{row['id']}"] = {
                "state": row["type"],
                "author_id": str(row["from_account_id"]),
                "parent_id": str(row["status_id"]) if there else "",
                "created": moment(row["created_at"]),
            }

    def relations(self) -> None:
        """Read what people are to the city."""
        for row in self.server.rows("select * from relationships"):
            source, target = row["source_account_id"], row["target_account_id"]
            if target == self.city and row["following"]:
                self._person("subscribers", f"follower/{source}", handle=self.names[source])
            if source != self.city:
                continue
            if row["following"]:
                self._person("subscribers", f"following/{target}", handle=self.names[target])
            for flag, kind in (("blocking", "block"), ("muting", "mute")):
                if row[flag]:
                    about = {"state": kind, "author_name": self.names[target]}
                    self._person("moderation", f"{kind}/{target}", **about)

    def rest(self) -> None:
        """Read own favourites, blocked domains and what waits to be published."""
        liked = self.server.rows("select * from favourites where account_id = ?", self.city)
        for row in (one for one in liked if one["status_id"] in self.all):
            about = {"state": "favourite", "parent_id": str(row["status_id"])}
            self.found["reactions"][f"favourite/{row['status_id']}"] = about
        for row in self.server.rows("select domain from domain_blocks"):
            self.found["moderation"][f"domain_block/{row['domain']}"] = {"title": row["domain"]}
        for row in self.server.rows("select * from scheduled_statuses"):
            text: Any = json.loads(row["params"])["status"]
            self.found["posts"][f"scheduled/{row['id']}"] = {"state": "scheduled", "text": text}

    def _person(self, stream: str, name: str, **about: str) -> None:
        self.found[stream][name] = about
