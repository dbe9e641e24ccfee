"""What to ask of Flickr about an account's public photos, with an API key and no signature."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from archiver.capture.connector import Follow, Listing
from archiver.capture.urls import same_origin
from archiver.record import Request, Sensitivity, Stream

if TYPE_CHECKING:
    from archiver.capture.connector import Site

__all__ = ["is_file", "listings", "of_photo", "of_set", "of_user", "origin", "refuses"]

NEWEST = " newest"
_API = "https://api.flickr.com"
_HOSTS = frozenset({"www.flickr.com", "flickr.com"})
_ACCOUNT = re.compile(r"/(?:photos|people)/[A-Za-z0-9@_-]{1,64}/?", re.ASCII)
_EXTRAS = (
    "description,license,date_upload,date_taken,last_update,original_format,tags,media,"
    "o_dims,views,count_comments,count_faves,url_o,url_l"
)


def refuses(url: str) -> str:
    """Return why an address is not that of an account, empty where it is."""
    good = _ACCOUNT.fullmatch(urlsplit(url).path) is not None and "?" not in url
    return "" if good else "an account's address on Flickr ends in /photos/ and its name"


def origin(site: Site) -> str:
    """Return where the account's API is; a stand-in answers for itself."""
    parts = urlsplit(site.url)
    return _API if parts.hostname in _HOSTS else f"{parts.scheme}://{parts.netloc}"


def is_file(url: str, site: Site) -> bool:
    """Say whether a file may be fetched: from Flickr's host of files, or the stand-in's."""
    return same_origin(url, "https://live.staticflickr.com") or (
        origin(site) != _API and same_origin(url, origin(site))
    )


def _ask(site: Site, method: str, **parameters: str) -> Request:
    query = {"method": f"flickr.{method}", **parameters, "format": "json", "nojsoncallback": "1"}
    return Request(f"{origin(site)}/services/rest/?{urlencode(query, safe=',')}")


def _made(name: str, stream: Stream, request: Request, **more: object) -> Listing:
    group = name.removesuffix(NEWEST)
    return Listing(name, stream, request, Sensitivity.PUBLIC, group, **more)  # type: ignore[arg-type]


def listings(site: Site, mode: str) -> tuple[Listing, ...]:
    """Return what names the account's user; nothing without a key."""
    if not site.authorised:
        return ()
    suffix = NEWEST if mode == "incremental" else ""
    request = _ask(site, "urls.lookupUser", url=site.url)
    return (_made(f"user{suffix}", Stream.PROFILE, request, exhaustive=False),)


def of_user(site: Site, listing: Listing, user: str) -> tuple[Follow, ...]:
    """Return what goes by the user's id: profile, photos, sets."""
    suffix = NEWEST if listing.name.endswith(NEWEST) else ""
    photos = _ask(
        site, "people.getPublicPhotos", user_id=user, extras=_EXTRAS, per_page="500", page="1"
    )
    sets = _ask(site, "photosets.getList", user_id=user, per_page="500", page="1")
    found = (
        _made("profile", Stream.PROFILE, _ask(site, "people.getInfo", user_id=user),
              exhaustive=False),
        _made(f"photos{suffix}", Stream.POSTS, photos, newest_first=bool(suffix)),
        _made("sets", Stream.PAGES, sets),
    )  # fmt: skip
    return tuple(Follow("listing", one.stream, always=True, listing=one) for one in found)


def of_photo(site: Site, photo: str, comments: int, faves: int) -> tuple[Follow, ...]:
    """Return who commented on a photo and whose favourite it is, where anybody did."""
    found = []
    if comments:
        request = _ask(site, "photos.comments.getList", photo_id=photo)
        name = f"comments {photo}"
        found.append(_made(name, Stream.COMMENTS, request, stated=comments))
    if faves:
        request = _ask(site, "photos.getFavorites", photo_id=photo, per_page="50", page="1")
        name = f"faves {photo}"
        found.append(_made(name, Stream.REACTIONS, request, stated=faves))
    return tuple(Follow("listing", one.stream, listing=one) for one in found)


def of_set(site: Site, one: str, photos: int) -> Follow:
    """Return the listing of the photos in a set, ``photos`` in number."""
    request = _ask(site, "photosets.getPhotos", photoset_id=one, per_page="500", page="1")
    made = _made(f"set {one}", Stream.PAGES, request, stated=photos)
    return Follow("listing", Stream.PAGES, listing=made)
