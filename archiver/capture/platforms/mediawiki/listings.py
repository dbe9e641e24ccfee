"""What to ask a wiki: listings, single things, and what a log entry makes worth asking.

``allrevisions`` names every revision of every page with its text, so a wiki is read in
few requests; ``alldeletedrevisions`` names those of deleted pages to accounts that may
see them. Both are of group ``revisions``: a revision moves between them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.connector import Listing
from archiver.capture.platforms.mediawiki.requests import query
from archiver.record import Sensitivity, Stream

if TYPE_CHECKING:
    from archiver.capture.connector import Site
    from archiver.record import Request

__all__ = [
    "DELETED",
    "ENTRY",
    "LOG_PROPERTIES",
    "NAMESPACES",
    "NEWEST_LOG",
    "PAGE_ARGUMENTS",
    "REVISION",
    "deleted_by_title",
    "direct",
    "filearchive_by_name",
    "files_by_title",
    "is_direct",
    "listings",
    "pages_by_title",
    "pages_of",
    "revisions_by_id",
    "revisions_by_title",
    "user_by_name",
]

REVISION = "revision/"
"""Beginning of the native id of a revision: its number is unique in the whole wiki, stays
when its page is deleted and restored, and is all that a deleted one still has."""
DELETED = " deleted"
"""Ending of the names of listings that show deleted things."""
NEWEST_LOG = "log newest"
NAMESPACES = tuple(range(16))
"""Those every wiki has; others are in ``siteinfo`` (Manual:Namespace constants)."""

_FEW = "50"
"""Things in an answer where mostly the first are news."""
_LATEST = {"gaisort": "timestamp", "gaidir": "descending"}
ENTRY = "log entry "
"""Beginning of the names of listings that a log entry made worth asking."""
_SINGLE = ("&pageids=", "&revids=", "&titles=", "&ususerids=")
_REVISION_PROPERTIES = (
    "ids|flags|timestamp|user|userid|size|sha1|contentmodel|comment|content|tags|roles"
)
PAGE_ARGUMENTS = {"prop": "info", "inprop": "protection|talkid|url|displaytitle|watchers"}
_FILE_ARGUMENTS = {
    "prop": "imageinfo",
    "iiprop": "timestamp|user|userid|comment|canonicaltitle|url|size|sha1|mime|mediatype"
    "|archivename|bitdepth",
    "iilimit": "max",
}
_ARCHIVE_PROPERTIES = "sha1|timestamp|user|size|description|mime|mediatype|bitdepth|archivename"
LOG_PROPERTIES = "ids|title|type|user|userid|timestamp|comment|details|tags"
_USER_PROPERTIES = "blockinfo|groups|editcount|registration"
_SITE_PROPERTIES = "general|namespaces|namespacealiases|statistics|rightsinfo|usergroups"


def listings(site: Site, mode: str) -> tuple[Listing, ...]:
    """Return what to enumerate; incremental and sweep ask for what is newest first."""
    profile = _listing(
        "profile", Stream.PROFILE, query(site, meta="siteinfo", siprop=_SITE_PROPERTIES),
        group="profile",
    )  # fmt: skip
    if mode == "incremental":
        return (profile, *_newest(site))
    return (profile, *_full(site, newest_first=mode == "sweep"))


def _full(site: Site, *, newest_first: bool) -> tuple[Listing, ...]:
    direction = "older" if newest_first else "newer"
    order = _LATEST if newest_first else {"gaisort": "name"}
    more = (int(number) for number in site.cursors.get("profile", "").split() if number.isdecimal())
    namespaces = sorted({*NAMESPACES, *more})
    found = [pages_of(site, number, exhaustive=True) for number in namespaces]
    found.append(_revisions(site, "revisions", direction))
    if site.authorised:
        found.append(_deleted_revisions(site))
    found.append(_log(site, "log", direction))
    found.append(_users(site))
    found.append(_files(site, "media", order))
    if site.authorised:
        found.append(_file_archive(site))
    return tuple(found)


def _newest(site: Site) -> tuple[Listing, ...]:
    """Return the newest revisions, log entries and files; they end at what is known.

    A log entry says what else changed: a page deleted, a user blocked (`follows`).
    """
    pages = {
        "generator": "allrevisions",
        "garvdir": "older",
        "garvgeneratetitles": "1",
        "garvlimit": _FEW,
    }
    return (
        _listing(
            "pages newest", Stream.PAGES, query(site, **pages, **PAGE_ARGUMENTS),
            group="pages", exhaustive=False, newest_first=True,
        ),
        _revisions(site, "revisions newest", "older"),
        _log(site, NEWEST_LOG, "older"),
        _files(site, "media newest", _LATEST),
    )  # fmt: skip


def _listing(  # noqa: PLR0913 - the parts of a listing, each once
    name: str,
    stream: str,
    request: Request,
    *,
    group: str,
    exhaustive: bool = True,
    newest_first: bool = False,
    private: bool = False,
    dated: bool = False,
) -> Listing:
    sensitivity = Sensitivity.PRIVATE if private else Sensitivity.PUBLIC
    return Listing(name, stream, request, sensitivity, group, exhaustive, newest_first, dated=dated)


def pages_of(site: Site, namespace: int, *, exhaustive: bool) -> Listing:
    """Return the listing of all pages of one namespace."""
    generator = {
        "generator": "allpages",
        "gapnamespace": str(namespace),
        "gaplimit": "max",
    }
    return _listing(
        f"pages ns={namespace}", Stream.PAGES, query(site, **generator, **PAGE_ARGUMENTS),
        group="pages", exhaustive=exhaustive,
    )  # fmt: skip


def _revisions(site: Site, name: str, direction: str) -> Listing:
    newest = name != "revisions"
    request = query(
        site, list="allrevisions", arvdir=direction, arvlimit=_FEW if newest else "max",
        arvslots="*", arvprop=_REVISION_PROPERTIES,
    )  # fmt: skip
    return _listing(
        name, Stream.PAGES, request,
        group="revisions", exhaustive=not newest, newest_first=newest, dated=direction == "older",
    )  # fmt: skip


def _deleted_revisions(site: Site) -> Listing:
    request = query(
        site, list="alldeletedrevisions", adrdir="newer", adrlimit="max", adrslots="*",
        adrprop=_REVISION_PROPERTIES,
    )  # fmt: skip
    return _listing(f"revisions{DELETED}", Stream.PAGES, request, group="revisions", private=True)


def _log(site: Site, name: str, direction: str) -> Listing:
    newest = name == NEWEST_LOG
    request = query(
        site, list="logevents", ledir=direction, lelimit=_FEW if newest else "max",
        leprop=LOG_PROPERTIES,
    )  # fmt: skip
    return _listing(
        name, Stream.MODERATION, request,
        group="log", exhaustive=not newest, newest_first=newest, dated=direction == "older",
    )  # fmt: skip


def _users(site: Site) -> Listing:
    request = query(site, list="allusers", aulimit="max", auprop=_USER_PROPERTIES)
    return _listing("users", Stream.SUBSCRIBERS, request, group="users", private=True)


def _files(site: Site, name: str, order: dict[str, str]) -> Listing:
    newest = name != "media"
    limit = _FEW if newest else "max"
    request = query(site, generator="allimages", gailimit=limit, **order, **_FILE_ARGUMENTS)
    return _listing(
        name, Stream.MEDIA, request,
        group="media", exhaustive=not newest, newest_first=newest, dated=order is _LATEST,
    )  # fmt: skip


def _file_archive(site: Site) -> Listing:
    request = query(site, list="filearchive", falimit="max", faprop=_ARCHIVE_PROPERTIES)
    return _listing(f"media{DELETED}", Stream.MEDIA, request, group="media", private=True)


# ── what a log entry makes worth asking ──────────────────────────────────────────────────
def is_direct(listing: Listing) -> bool:
    """Say whether one thing was asked for itself, not because of a log entry."""
    single = any(name in listing.request.url for name in _SINGLE)
    return single and not listing.name.startswith(ENTRY)


def _entry(
    number: str, what: str, stream: str, request: Request, *, group: str, private: bool = False
) -> Listing:
    return _listing(
        f"{ENTRY}{number} {what}", stream, request,
        group=group, exhaustive=False, private=private,
    )  # fmt: skip


def pages_by_title(site: Site, number: str, title: str) -> Listing:
    """Return the listing of the one page of a title, for log entry ``number``."""
    request = query(site, titles=title, **PAGE_ARGUMENTS)
    return _entry(number, "pages", Stream.PAGES, request, group="pages")


def revisions_by_title(site: Site, number: str, title: str) -> Listing:
    """Return the listing of all revisions of a page, for log entry ``number``."""
    request = query(
        site, titles=title, prop="revisions", rvprop=_REVISION_PROPERTIES, rvslots="*",
        rvlimit="max",
    )  # fmt: skip
    return _entry(number, "revisions", Stream.PAGES, request, group="revisions")


def revisions_by_id(site: Site, number: str, ids: str) -> Listing:
    """Return the listing of revisions by their ids (``1|2``), for log entry ``number``."""
    return _entry(
        number, "revisions", Stream.PAGES, _revision_request(site, ids), group="revisions"
    )


def deleted_by_title(site: Site, number: str, title: str) -> Listing:
    """Return the listing of a page's deleted revisions, for log entry ``number``."""
    request = query(
        site, titles=title, prop="deletedrevisions", drvprop=_REVISION_PROPERTIES, drvslots="*",
        drvlimit="max",
    )  # fmt: skip
    return _entry(
        number, f"revisions{DELETED}", Stream.PAGES, request, group="revisions", private=True
    )


def files_by_title(site: Site, number: str, title: str) -> Listing:
    """Return the listing of the versions of a file, for log entry ``number``."""
    request = query(site, titles=title, **_FILE_ARGUMENTS)
    return _entry(number, "media", Stream.MEDIA, request, group="media")


def filearchive_by_name(site: Site, number: str, name: str) -> Listing:
    """Return the listing of a file's deleted versions, for log entry ``number``."""
    request = query(
        site, list="filearchive", fafrom=name, fato=name, falimit="max", faprop=_ARCHIVE_PROPERTIES
    )
    return _entry(number, f"media{DELETED}", Stream.MEDIA, request, group="media", private=True)


def user_by_name(site: Site, number: str, name: str) -> Listing:
    """Return the listing of one user, for log entry ``number``."""
    request = query(
        site, list="allusers", aufrom=name, auto=name, aulimit="1", auprop=_USER_PROPERTIES
    )
    return _entry(number, "users", Stream.SUBSCRIBERS, request, group="users", private=True)


# ── single things ────────────────────────────────────────────────────────────────────────
def direct(site: Site, stream: str, native_id: str) -> Request | None:
    """Return the request for one thing; None where the API has none (a log entry, a file)."""
    if stream == Stream.PAGES:
        if native_id.startswith(REVISION):
            return _revision_request(site, native_id.removeprefix(REVISION))
        return query(site, pageids=native_id, **PAGE_ARGUMENTS)
    if stream == Stream.SUBSCRIBERS:
        return query(site, list="users", ususerids=native_id, usprop=_USER_PROPERTIES)
    name, slash, moment = native_id.partition("/")
    if stream == Stream.MEDIA and slash and "/" not in moment:
        when = {"iistart": moment, "iiend": moment}
        return query(site, titles=f"File:{name}", **_FILE_ARGUMENTS, **when)
    return None


def _revision_request(site: Site, ids: str) -> Request:
    """Return the request for revisions, for those of deleted pages too where we may ask."""
    about = {"prop": "revisions", "rvprop": _REVISION_PROPERTIES, "rvslots": "*"}
    if site.authorised:
        about["prop"] = "revisions|deletedrevisions"
        about |= {"drvprop": _REVISION_PROPERTIES, "drvslots": "*"}
    return query(site, revids=ids, **about)
