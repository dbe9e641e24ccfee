"""What a capture of the city's account should hold, told from the content alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from archiver.demo.mastodon.entities import moment
from archiver.record import Kind, Stream

if TYPE_CHECKING:
    from archiver.demo.mastodon.instance import Instance, Status

__all__ = ["Truth", "differences", "truth"]

Truth = dict[str, dict[str, dict[str, str]]]
"""Stream -> native id -> the columns that tell the thing."""

_SILENT = re.compile(r"\d+/(?:favourited_by|reblogged_by)/\d+")
_ONLY_ABSENT = re.compile(rf"(?:conversation|domain_block|notification)/.*|{_SILENT.pattern}")
"""No address says of these that they are no more."""
_NAMES = {"follow": "follower", "follow_request": "follow_request"}


def truth(here: Instance) -> Truth:
    """Return everything that the city is shown of its account."""
    found: Truth = {stream: {} for stream in Stream if stream != Stream.WORKFLOW}
    for status in here.statuses.values():
        if _is_seen(here, status):
            _status(here, found, status)
    for notice in here.notices.values():
        about = {"state": notice.kind, "author_id": str(notice.person)}
        found[Stream.MESSAGES][f"notification/{notice.id}"] = about
    for (talk, people), number in here.talks.items():
        last = here.last_of((talk, people))
        if last and here.city.id in people:
            about = {"extra": f'"last_status":"{last.id}"'}
            found[Stream.MESSAGES][f"conversation/{number}"] = about
    _relations(here, found)
    city = {"handle": here.city.name, "name": here.city.shown, "text": here.city.about}
    found[Stream.PROFILE] = {str(here.city.id): city, f"{here.city.id}/settings": city}
    return {stream: things for stream, things in found.items() if things}


def differences(before: Truth, after: Truth) -> dict[str, dict[str, str]]:
    """Return what changed between two truths: stream -> native id -> kind of observation.

    What was liked or boosted on a status that is gone can no longer be asked for.
    """
    found: dict[str, dict[str, str]] = {}
    posts = after.get(Stream.POSTS, {})
    for stream in before.keys() | after.keys():
        old, new = before.get(stream, {}), after.get(stream, {})
        kinds = {name: _new(name) for name in new.keys() - old.keys()}
        kinds |= {name: Kind.EDITED for name in new.keys() & old.keys() if new[name] != old[name]}
        for name in old.keys() - new.keys():
            if _SILENT.fullmatch(name) is None or name.partition("/")[0] in posts:
                kinds[name] = _gone(stream, name)
        if kinds:
            found[stream] = {name: str(kind) for name, kind in kinds.items()}
    return found


def _new(name: str) -> Kind:
    return Kind.HELD if name.startswith(("scheduled/", "follow_request/")) else Kind.PRESENT


def _gone(stream: str, name: str) -> Kind:
    silent = stream == Stream.MEDIA or _ONLY_ABSENT.fullmatch(name)
    return Kind.ABSENT if silent else Kind.DELETED


def _is_seen(here: Instance, status: Status) -> bool:
    """Say whether a status is the city's, is addressed to it, in a thread of its own or above.

    But not what people said whom the moderators limited: no thread shows it.
    """
    city = here.city.id
    if status.author == city or city in status.mentions:
        return True
    own = [one for one in here.statuses.values() if one.author == city and not one.boosts]
    own = [one for one in own if one.visibility != "direct"]
    return status.author not in here.limited and any(
        status in here.answers_to(one.id) or one in here.answers_to(status.id) for one in own
    )


def _status(here: Instance, found: Truth, status: Status) -> None:
    own = status.author == here.city.id
    writing = Stream.POSTS if own else Stream.COMMENTS
    stream = Stream.MESSAGES if status.visibility == "direct" else writing
    source = here.statuses[status.boosts] if status.boosts else status
    answers = status.answers if status.answers in here.statuses else 0
    edited = len(status.versions) > 1
    found[stream][str(status.id)] = {
        "text": source.text,
        "state": "boost" if status.boosts else status.visibility,
        "author_id": str(source.author),
        "parent_id": str(answers or status.boosts or ""),
        "created": moment(status.versions[0].since),
        "modified": moment(status.versions[-1].since) if edited else "",
    }
    for place, version in enumerate(status.versions if edited else ()):
        about = {"text": version.text, "created": moment(version.since)}
        found[stream][f"{status.id}/edit/{place + 1}"] = about
    for number in source.media:
        found[Stream.MEDIA][str(number)] = {"alt_text": here.media[number].description}
        found[Stream.MEDIA][f"{number}/file"] = {"media_type": "image/png"}
    if own and stream == Stream.POSTS and not status.boosts:
        _reactions(here, found, status)
    if here.city.id in status.likes:
        about = {"state": "favourite", "parent_id": str(status.id)}
        found[Stream.REACTIONS][f"favourite/{status.id}"] = about


def _reactions(here: Instance, found: Truth, status: Status) -> None:
    boosts = [one.author for one in here.statuses.values() if one.boosts == status.id]
    some = (("favourited_by", "favourite", status.likes), ("reblogged_by", "boost", boosts))
    for route, state, people in some:
        for who in people:
            about = {
                "state": state,
                "parent_id": str(status.id),
                "author_name": here.people[who].name,
            }
            found[Stream.REACTIONS][f"{status.id}/{route}/{who}"] = about


def _relations(here: Instance, found: Truth) -> None:
    """Add people by what they are to the city, and what else it does not want to see."""
    for kind, who, whom in here.relations:
        if whom == here.city.id and kind in _NAMES:
            about = {"handle": here.people[who].name, "name": here.people[who].shown}
            found[Stream.SUBSCRIBERS][f"{_NAMES[kind]}/{who}"] = about
        elif who == here.city.id and kind == "follow":
            about = {"handle": here.people[whom].name, "name": here.people[whom].shown}
            found[Stream.SUBSCRIBERS][f"following/{whom}"] = about
        elif who == here.city.id:
            about = {"state": kind, "author_name": here.people[whom].name}
            found[Stream.MODERATION][f"{kind}/{whom}"] = about
    for name in here.domains:
        found[Stream.MODERATION][f"domain_block/{name}"] = {"title": name}
    for number, title in here.filters.items():
        found[Stream.MODERATION][f"filter/{number}"] = {"title": title}
    for number, (text, _) in here.scheduled.items():
        found[Stream.POSTS][f"scheduled/{number}"] = {"text": text, "state": "scheduled"}
