"""What Flickr gives with an API key, how that is known, and what its terms say."""

from __future__ import annotations

from archiver.capture.connector import Capability
from archiver.capture.legal import KEPT_THOUGH_DELETED, LegalNote
from archiver.record import Stream

__all__ = ["CAPABILITIES", "LEGAL"]

_DOCS = "https://www.flickr.com/services/api"
_OURS, _NONE = "simulator only", "cited only"
_SIGNED = "needs requests that are signed one by one (OAuth 1.0a), which is not built yet"

CAPABILITIES = (
    Capability(Stream.POSTS, "partial",
               f"public photos and videos with what is told of them; private ones: {_SIGNED}",
               f"{_DOCS}/flickr.people.getPublicPhotos.html", _OURS),
    Capability(Stream.COMMENTS, "partial",
               "comments on public photos, as long as they stand there; comments on sets and notes"
               " on photos are not asked for",
               f"{_DOCS}/flickr.photos.comments.getList.html", _OURS),
    Capability(Stream.REACTIONS, "partial", "whose favourite a public photo is",
               f"{_DOCS}/flickr.photos.getFavorites.html", _OURS),
    Capability(Stream.SUBSCRIBERS, "forbidden", "no method tells who follows an account",
               f"{_DOCS}/", _NONE),
    Capability(Stream.MESSAGES, "forbidden", "FlickrMail is not in the API", f"{_DOCS}/", _NONE),
    Capability(Stream.MEDIA, "partial",
               "the largest file of each photo that is shown to all, as a part of it; of videos a"
               " picture alone", f"{_DOCS}/misc.urls.html", _OURS),
    Capability(Stream.MODERATION, "forbidden", "no method tells whom an account blocks",
               f"{_DOCS}/", _NONE),
    Capability(Stream.PROFILE, "obtainable", "names and description, as all see them",
               f"{_DOCS}/flickr.people.getInfo.html", _OURS),
    Capability(Stream.PAGES, "partial", "sets (albums) and the public photos in them",
               f"{_DOCS}/flickr.photosets.getList.html", _OURS),
)  # fmt: skip
LEGAL = (
    LegalNote("storage",
              "Photos are their owners'; others' may be kept no longer than need be. What is asked"
              " for is the city's own, and what others wrote under it.",
              "Flickr APIs Terms of Use, section 1", "", "general knowledge"),
    KEPT_THOUGH_DELETED,
    LegalNote("automation",
              "A key is for one application, and asks no more than 3,600 times an hour.",
              "Flickr APIs Terms of Use; flickr.com/services/developer/api",
              "", "general knowledge"),
)  # fmt: skip
