"""What answers of the stand-in X gather beside what was asked for: users, media, errors."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from archiver.demo.x.network import Network
    from archiver.demo.x.things import Person, Poll

__all__ = ["Gathering", "Json", "moment", "problem", "suspended"]

Json = dict[str, Any]


def moment(when: datetime) -> str:
    """Return a time as X spells it."""
    return f"{when:%Y-%m-%dT%H:%M:%S}.{when.microsecond // 1000:03d}Z"


def problem(kind: str, title: str, detail: str, **more: object) -> Json:
    """Return one of X's problems."""
    return {
        "title": title,
        "detail": detail,
        "type": f"https://api.x.com/2/problems/{kind}",
        **more,
    }


def suspended(person: Person) -> Json:
    """Return what X says of somebody whom it has suspended."""
    return problem(
        "resource-not-found", "Forbidden", f"User has been suspended: [{person.id}].",
        resource_type="user", resource_id=str(person.id), parameter="id", value=str(person.id),
    )  # fmt: skip


@dataclass(slots=True)
class Gathering:
    """Objects of a network, whose files lie below ``base``, for one request.

    ``asked`` has what was asked for by object (``post.fields`` …) and ``expansions``;
    ``users``, ``posts``, ``media``, ``polls`` gather what was expanded, ``errors`` what
    could not be. ``tally`` has how often each post was answered, quoted and reposted.
    """

    here: Network
    base: str
    asked: Mapping[str, frozenset[str]]
    users: dict[str, Json] = field(default_factory=dict)
    posts: dict[str, Json] = field(default_factory=dict)
    media: dict[str, Json] = field(default_factory=dict)
    polls: dict[str, Json] = field(default_factory=dict)
    errors: list[Json] = field(default_factory=list)
    tally: Counter[tuple[str, int]] = field(default_factory=Counter)

    def includes(self) -> Json:
        """Return the side tables that are not empty."""
        tables = {
            "users": self.users, "posts": self.posts, "media": self.media, "polls": self.polls,
        }  # fmt: skip
        return {name: list(table.values()) for name, table in tables.items() if table}

    def user(self, person: Person) -> Json:
        """Return a User."""
        here = self.here
        own = [one for one in here.posts.values() if one.author == person.id]
        picture = f"{self.base}/avatars/{person.id}.png"
        members: Json = {
            "created_at": moment(person.joined),
            "description": person.about,
            "location": "Quillwater",
            "profile_image_url": picture,
            "protected": person.protected,
            "public_metrics": {
                "followers_count": len(here.related("follow", whom=person.id)),
                "following_count": len(here.related("follow", who=person.id)),
                "listed_count": sum(person.id in one.members for one in here.rolls.values()),
                "post_count": len(own),
                "like_count": sum(person.id in one.likes for one in here.posts.values()),
                "media_count": sum(len(one.media) for one in own),
            },
            "url": "",
            "verified": False,
            "verified_type": "none",
            "connection_status": self._connection(person),
        }
        found = {"id": str(person.id), "name": person.shown, "username": person.name}
        return found | self._chosen(members, "user.fields")

    def _connection(self, person: Person) -> list[str]:
        city, known = self.here.city.id, self.here.relations
        told = {
            "following": ("follow", city, person.id),
            "followed_by": ("follow", person.id, city),
            "blocking": ("block", city, person.id),
            "muting": ("mute", city, person.id),
        }
        return [name for name, key in told.items() if key in known]

    def include_user(self, number: int) -> None:
        """Gather a user, or say that there is none to be shown."""
        person = self.here.people[number]
        if person.suspended:
            self.errors.append(suspended(person))
        else:
            self.users.setdefault(str(number), self.user(person))

    def include_media(self, keys: Iterable[str]) -> None:
        """Gather media."""
        for key in keys:
            medium = self.here.media[key]
            members: Json = {"height": 60, "width": 96, "alt_text": medium.description or None}
            address = f"{self.base}/media/{key}"
            if medium.kind == "photo":
                members["url"] = f"{address}.png"
            else:
                members |= self._film(address)
            members = {name: one for name, one in members.items() if one is not None}
            base = {"media_key": key, "type": medium.kind}
            self.media[key] = base | self._chosen(members, "media.fields")

    def _film(self, address: str) -> Json:
        variants = [
            {"content_type": "application/x-mpegURL", "url": f"{address}.m3u8"},
            {"bit_rate": 256_000, "content_type": "video/mp4", "url": f"{address}-small.mp4"},
            {"bit_rate": 2_176_000, "content_type": "video/mp4", "url": f"{address}.mp4"},
        ]
        metrics = {"view_count": 17}
        return {"duration_ms": 4_000, "variants": variants, "public_metrics": metrics,
                "preview_image_url": f"{address}.png"}  # fmt: skip

    def _chosen(self, members: Json, parameter: str) -> Json:
        return {name: one for name, one in members.items() if name in self.asked[parameter]}

    def include_poll(self, poll: Poll) -> None:
        """Gather a poll."""
        options = [
            {"position": place, "label": label, "votes": poll.votes[place - 1]}
            for place, label in enumerate(poll.options, 1)
        ]
        closed = poll.ends <= self.here.now
        members = {
            "duration_minutes": 1440,
            "end_datetime": moment(poll.ends),
            "voting_status": "closed" if closed else "open",
        }
        found: Json = {"id": str(poll.id), "options": options}
        self.polls[str(poll.id)] = found | self._chosen(members, "poll.fields")
