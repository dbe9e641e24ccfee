"""The stand-in for Flickr: photos, comments, favourites, sets, the API, and a week."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from archiver.demo.answer import Answer
from archiver.demo.picture import striped_png

if TYPE_CHECKING:
    from collections.abc import Callable

    from archiver.demo.answer import Asked

__all__ = ["Flickr", "life"]

Json = dict[str, Any]
_TYPE = (("Content-Type", "application/json"),)
_NSID = "12037949754@N01"
_MOST = 4
"""Things of a page: few, so that there are pages."""


@dataclass(slots=True)
class Photo:
    """A photo; ``comments``: id, who, text; ``faves``: whose favourite it is."""

    id: str
    title: str
    at: int
    comments: list[tuple[str, str, str]] = field(default_factory=list)
    faves: list[str] = field(default_factory=list)


class Flickr:
    """Answers requests to the API and for files."""

    path = "/photos/quillwater/"

    def __init__(self) -> None:
        self.credential = {"api_key": "quill-flickr-key-0001"}
        self.service = self
        self._ids, self._now = count(109722179), 1_793_610_000
        self.photos: dict[str, Photo] = {}
        for number in range(9):
            self.show(f"Photo {number}")
        first, second, *_ = self.photos.values()
        self.say(first, "maya", "Lovely")
        self.say(first, "tom", "Where is it?")
        second.faves += ["maya", "tom"]
        self.sets = {"721": [first.id, second.id]}

    def show(self, title: str) -> Photo:
        """Upload a photo."""
        self._now += 60
        one = str(next(self._ids))
        self.photos[one] = Photo(one, title, self._now)
        return self.photos[one]

    def say(self, photo: Photo, who: str, text: str) -> str:
        """Comment on a photo."""
        one = f"6065-{photo.id}-{next(self._ids)}"
        photo.comments.append((one, who, text))
        return one

    def change(self) -> dict[str, dict[str, str]]:
        """Let a week pass. Returns what a complete capture then finds: stream, id, kind."""
        self._now += 6 * 86_400
        first, second, third, fourth, *_ = self.photos.values()
        third.title = "Photo 2, of Mill Road"
        del self.photos[fourth.id]
        new = self.show("Mill Road is open")
        said = self.say(first, "ferry", "By the library")
        second.faves.append("anna")
        self.sets["721"].append(new.id)
        return {
            "posts": {third.id: "edited", fourth.id: "absent", new.id: "present"},
            "comments": {said: "present"},
            "reactions": {f"{second.id}/anna@N01": "present"},
            "pages": {f"set/721/photo/{new.id}": "present"},
        }

    def answer(self, asked: Asked) -> Answer | None:
        """Answer a request, or None for an address that is not Flickr's."""
        if asked.path.startswith("/files/"):
            return Answer(200, (("Content-Type", "image/png"),), striped_png(4))
        if asked.path != "/services/rest/":
            return None
        query = {name: values[0] for name, values in parse_qs(asked.query).items()}
        if query.get("api_key") != self.credential["api_key"]:
            return _answer({"stat": "fail", "code": 100, "message": "Invalid API Key"})
        found = self._found(query, asked.base)
        if found is None:
            return _answer({"stat": "fail", "code": 1, "message": "Photo not found"})
        return _answer(found | {"stat": "ok"})

    def _found(self, query: dict[str, str], base: str) -> Json | None:
        newest = [_photo(one, base) for one in reversed(self.photos.values())]
        method = query["method"].removeprefix("flickr.")
        found: dict[str, Callable[[], Json]] = {
            "urls.lookupUser": lambda: {
                "user": {"id": _NSID, "username": {"_content": "quillwater"}}
            },
            "people.getInfo": lambda: {"person": _person()},
            "people.getPublicPhotos": lambda: {"photos": _page("photo", newest, query)},
            "photosets.getList": lambda: {
                "photosets": _page("photoset", [self._set(one) for one in self.sets], query)
            },
            "photosets.getPhotos": lambda: self._in_set(query, base),
        }
        if method in found:
            return found[method]()
        photo = self.photos.get(query.get("photo_id", ""))
        return _under(photo, method, query) if photo else None

    def _set(self, one: str) -> Json:
        return {"id": one, "owner": _NSID, "username": "quillwater", "primary": self.sets[one][0],
                "secret": "s", "server": "1", "farm": 1, "count_views": "4", "count_comments": "0",
                "count_photos": len(self.sets[one]), "count_videos": 0, "photos":
                len(self.sets[one]), "videos": 0, "title": {"_content": "Streets"},
                "description": {"_content": "Our streets"}, "can_comment": 1,
                "date_create": "1793610001", "date_update": "1793610002"}  # fmt: skip

    def _in_set(self, query: dict[str, str], base: str) -> Json:
        one = query["photoset_id"]
        shown = [_photo(self.photos[name], base) for name in self.sets[one] if name in self.photos]
        slim = [{name: each[name] for name in ("id", "title", "ispublic")} for each in shown]
        about = {"id": one, "primary": self.sets[one][0], "owner": _NSID, "title": "Streets",
                 "ownername": "quillwater"}  # fmt: skip
        return {"photoset": about | _page("photo", slim, query)}


def _under(photo: Photo, method: str, query: dict[str, str]) -> Json:
    """Return what others did with a photo: favourites, or comments."""
    if method == "photos.getFavorites":
        people = [
            {"nsid": f"{who}@N01", "username": who, "realname": "", "favedate": "1793610099",
             "iconserver": "0", "iconfarm": 0}
            for who in photo.faves
        ]  # fmt: skip
        return {"photo": _page("person", people, query) | {"id": photo.id}}
    said = [
        {"id": one, "author": f"{who}@N01", "authorname": who, "iconserver": "0",
         "iconfarm": 0, "datecreate": "1793610099", "_content": text, "path_alias": None,
         "realname": "", "permalink": f"https://www.flickr.com/photos/q/{photo.id}/#{one}"}
        for one, who, text in photo.comments
    ]  # fmt: skip
    return {"comments": {"photo_id": photo.id, **({"comment": said} if said else {})}}


def _page(name: str, things: list[Json], query: dict[str, str]) -> Json:
    page = int(query.get("page", "1"))
    pages = max(1, -(-len(things) // _MOST))
    shown = things[(page - 1) * _MOST : page * _MOST]
    return {"page": page, "pages": pages, "perpage": _MOST, "total": len(things), name: shown}


def _photo(one: Photo, base: str) -> Json:
    return {
        "id": one.id, "owner": _NSID, "secret": "34da0d3891", "server": "2", "farm": 1,
        "title": one.title, "ispublic": 1, "isfriend": 0, "isfamily": 0, "license": "0",
        "description": {"_content": f"About {one.title}"}, "dateupload": str(one.at),
        "lastupdate": str(one.at), "datetaken": "2026-11-02 09:00:00", "tags": "city",
        "datetakengranularity": 0, "datetakenunknown": "0", "views": "4", "media": "photo",
        "media_status": "ready", "count_comments": str(len(one.comments)),
        "count_faves": str(len(one.faves)), "url_o": f"{base}/files/{one.id}_o.png",
        "height_o": 9, "width_o": 9,
    }  # fmt: skip


def _person() -> Json:
    return {"id": _NSID, "nsid": _NSID, "ispro": 0, "iconserver": "0", "iconfarm": 0,
            "path_alias": "quillwater", "username": {"_content": "quillwater"},
            "realname": {"_content": "City of Quillwater"},
            "description": {"_content": "The city's photos"},
            "profileurl": {"_content": "https://www.flickr.com/people/quillwater/"},
            "photos": {"count": {"_content": 9}}}  # fmt: skip


def _answer(document: Json) -> Answer:
    return Answer(200, _TYPE, json.dumps(document).encode())


def life() -> Flickr:
    """Return a new account and what answers for it."""
    return Flickr()
