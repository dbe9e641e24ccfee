"""What the API says of the content: Mastodon's entities (docs.joinmastodon.org/entities)."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from archiver.demo.mastodon.instance import Instance, Notice, Person, Status

__all__ = ["Entities", "moment"]

Json = dict[str, Any]


def moment(when: datetime) -> str:
    """Return a time as Mastodon spells it."""
    return f"{when:%Y-%m-%dT%H:%M:%S}.{when.microsecond // 1000:03d}Z"


@dataclass(frozen=True, slots=True)
class Entities:
    """Entities of ``instance``, whose addresses begin with ``base``.

    ``login``: as the city sees them; else as anybody does.
    """

    instance: Instance
    base: str
    login: bool

    def account(self, person: Person) -> Json:
        """Return an Account."""
        here = self.instance
        follows = [key for key in here.relations if key[0] == "follow"]
        own = [one for one in here.statuses.values() if one.author == person.id]
        page, picture = f"{self.base}/@{person.name}", f"{self.base}/avatars/missing.png"
        return {
            "id": str(person.id),
            "username": person.name,
            "acct": person.name,
            "display_name": person.shown,
            "locked": False,
            "bot": False,
            "discoverable": True,
            "indexable": False,
            "group": False,
            "created_at": moment(person.joined.replace(hour=0, minute=0, second=0, microsecond=0)),
            "note": f"<p>{html.escape(person.about)}</p>" if person.about else "",
            "url": page,
            "uri": f"{self.base}/users/{person.name}",
            "avatar": picture,
            "avatar_static": picture,
            "avatar_description": "",
            "header": picture,
            "header_static": picture,
            "header_description": "",
            "followers_count": sum(whom == person.id for _, _, whom in follows),
            "following_count": sum(who == person.id for _, who, _ in follows),
            "statuses_count": sum(one.visibility != "direct" for one in own),
            "last_status_at": f"{own[-1].versions[0].since:%Y-%m-%d}" if own else None,
            "hide_collections": False,
            "noindex": False,
            "show_featured": True,
            "show_media": True,
            "show_media_replies": True,
            "feature_approval": {"automatic": [], "manual": [], "current_user": "denied"},
            "emojis": [],
            "roles": [],
            "fields": [],
        }

    def settings(self) -> Json:
        """Return a CredentialAccount: what the city is shown of itself."""
        waiting = [key for key in self.instance.relations if key[0] == "follow_request"]
        source = {
            "privacy": "public",
            "sensitive": False,
            "language": "en",
            "note": self.instance.city.about,
            "fields": [],
            "follow_requests_count": len(waiting),
            "hide_collections": False,
            "discoverable": True,
            "indexable": False,
            "attribution_domains": [],
            "quote_policy": "public",
        }
        role = {
            "id": "-99",
            "name": "",
            "permissions": "0",
            "color": "",
            "highlighted": False,
            "collection_limit": 10,
        }
        return {**self.account(self.instance.city), "source": source, "role": role}

    def status(self, status: Status) -> Json:
        """Return a Status."""
        here, author = self.instance, self.instance.people[status.author]
        page = f"{self.base}/@{author.name}/{status.id}"
        edited = status.versions[-1].since if len(status.versions) > 1 else None
        before = here.statuses.get(status.answers)
        boosts = [one for one in here.statuses.values() if one.boosts == status.id]
        answers = [
            one
            for one in here.statuses.values()
            if one.answers == status.id and one.visibility in {"public", "unlisted"}
        ]
        found: Json = {
            "id": str(status.id),
            "created_at": moment(status.versions[0].since),
            "in_reply_to_id": str(before.id) if before else None,
            "in_reply_to_account_id": str(before.author) if before else None,
            "sensitive": False,
            "spoiler_text": "",
            "visibility": status.visibility,
            "language": "en",
            "uri": f"{self.base}/users/{author.name}/statuses/{status.id}",
            "url": page,
            "replies_count": len(answers),
            "reblogs_count": len(boosts),
            "favourites_count": len(status.likes),
            "quotes_count": 0,
            "edited_at": moment(edited) if edited else None,
            "content": self._markup(status.text),
            "reblog": self.status(here.statuses[status.boosts]) if status.boosts else None,
            "account": self.account(author),
            "media_attachments": [self.medium(number) for number in status.media],
            "mentions": [self._mention(here.people[number]) for number in status.mentions],
            "tags": [],
            "tagged_collections": [],
            "emojis": [],
            "quote": None,
            "card": None,
            "poll": None,
        }
        if status.author == here.city.id:  # of others only who chose to be shown
            found["application"] = {"name": status.client, "website": None}
        return found | self._to_reader(status, boosts) if self.login else found

    def version(self, status: Status, place: int) -> Json:
        """Return a StatusEdit."""
        version = status.versions[place]
        return {
            "content": self._markup(version.text),
            "spoiler_text": "",
            "sensitive": False,
            "created_at": moment(version.since),
            "account": self.account(self.instance.people[status.author]),
            "media_attachments": [self.medium(number) for number in status.media],
            "emojis": [],
        }

    def medium(self, number: int) -> Json:
        """Return a MediaAttachment."""
        size = {"width": 96, "height": 60, "size": "96x60", "aspect": 1.6}
        place = f"{self.base}/system/media_attachments/files/{number}"
        return {
            "id": str(number),
            "type": "image",
            "url": f"{place}/original/picture.png",
            "preview_url": f"{place}/small/picture.png",
            "remote_url": None,
            "preview_remote_url": None,
            "text_url": None,
            "meta": {"original": size, "small": size},
            "description": self.instance.media[number].description,
            "blurhash": "UBL_:rOpGG-oBUNG,qRj2so|=eE1w^n4S5NH",
        }

    def notice(self, notice: Notice) -> Json:
        """Return a Notification."""
        found: Json = {
            "id": str(notice.id),
            "type": notice.kind,
            "created_at": moment(notice.at),
            "group_key": f"ungrouped-{notice.id}",
            "account": self.account(self.instance.people[notice.person]),
        }
        if notice.status:
            found["status"] = self.status(self.instance.statuses[notice.status])
        return found

    def conversation(self, talk: tuple[int, frozenset[int]]) -> Json:
        """Return a Conversation."""
        here, last = self.instance, self.instance.last_of(talk)
        others = sorted(talk[1] - {here.city.id})
        return {
            "id": str(here.talks[talk]),
            "unread": bool(last and last.author != here.city.id),
            "accounts": [self.account(here.people[number]) for number in others],
            "last_status": self.status(last) if last else None,
        }

    def scheduled(self, number: int) -> Json:
        """Return a ScheduledStatus."""
        text, when = self.instance.scheduled[number]
        parameters = {
            "text": text,
            "in_reply_to_id": None,
            "media_ids": None,
            "poll": None,
            "sensitive": None,
            "spoiler_text": None,
            "visibility": "public",
            "scheduled_at": None,
            "language": "en",
            "application_id": 1,
            "idempotency": None,
            "with_rate_limit": False,
        }
        return {
            "id": str(number),
            "scheduled_at": moment(when),
            "params": parameters,
            "media_attachments": [],
        }

    def filter(self, number: int) -> Json:
        """Return a Filter (version 2)."""
        return {
            "id": str(number),
            "title": self.instance.filters[number],
            "context": ["home", "public"],
            "expires_at": None,
            "filter_action": "warn",
            "keywords": [{"id": "1", "keyword": "raffle", "whole_word": True}],
            "statuses": [],
        }

    def relationship(self, number: int) -> Json:
        """Return a Relationship of the city's to somebody."""
        city, relations = self.instance.city.id, self.instance.relations
        asked = {
            "following": ("follow", city, number),
            "followed_by": ("follow", number, city),
            "requested": ("follow_request", city, number),
            "requested_by": ("follow_request", number, city),
            "blocking": ("block", city, number),
            "blocked_by": ("block", number, city),
            "muting": ("mute", city, number),
        }
        rest = dict.fromkeys(
            ("showing_reblogs", "notifying", "muting_notifications", "domain_blocking", "endorsed"),
            False,
        )
        told = {name: key in relations for name, key in asked.items()}
        return {"id": str(number), **told, **rest, "languages": None, "note": ""}

    def _to_reader(self, status: Status, boosts: list[Status]) -> Json:
        city = self.instance.city.id
        told: Json = {
            "favourited": city in status.likes,
            "reblogged": any(one.author == city for one in boosts),
            "muted": False,
            "bookmarked": False,
            "filtered": [],
        }
        if status.author == city and not status.boosts and status.visibility != "direct":
            told["pinned"] = False
        return told

    def _mention(self, person: Person) -> Json:
        page = f"{self.base}/@{person.name}"
        return {"id": str(person.id), "username": person.name, "url": page, "acct": person.name}

    def _markup(self, text: str) -> str:
        paragraphs = html.escape(text, quote=False).split("\n\n") if text else []
        return "".join(f"<p>{one}</p>" for one in paragraphs).replace("\n", "<br />")
