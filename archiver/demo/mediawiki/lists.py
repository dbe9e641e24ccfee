"""What the stand-in wiki answers to ``action=query``: lists, generators, single things."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from archiver.demo.mediawiki.wiki import namespace_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from archiver.demo.mediawiki.shapes import Json, Shapes
    from archiver.demo.mediawiki.wiki import Entry, Revision, Upload, Wiki, WikiPage

__all__ = ["Lists", "QueryError"]

Thing = TypeVar("Thing")


class QueryError(Exception):
    """The wiki's own code for a request that it does not answer."""


class Lists:
    """One query: ``about`` are its parameters, ``limit`` the things in one answer."""

    def __init__(
        self, wiki: Wiki, shapes: Shapes, about: dict[str, str], limit: int, *, trusted: bool
    ) -> None:
        self._wiki = wiki
        self._shapes = shapes
        self._about = about
        asked = (value for name, value in about.items() if name.endswith("limit"))
        self._limit = min([limit, *(int(value) for value in asked if value.isdecimal())])
        self._trusted = trusted
        self._continue: dict[str, str] = {}
        self._lists: dict[str, Callable[[], Json]] = {
            "allrevisions": self._all_revisions,
            "alldeletedrevisions": self._all_deleted,
            "logevents": self._log,
            "allusers": self._users,
            "users": self._users_by_number,
            "filearchive": self._file_archive,
        }
        self._generators: dict[str, Callable[[], Json]] = {
            "allpages": self._pages_of_namespace,
            "allrevisions": self._pages_by_change,
            "allimages": self._files,
        }

    def answer(self) -> Json:
        """Return the whole answer. Raises `QueryError`."""
        about = self._about
        if "general" in about.get("siprop", ""):
            return {"batchcomplete": True, "query": self._shapes.site("Quillwater Wiki")}
        if about.get("meta") == "userinfo":
            rights = ["read", *(["deletedhistory", "deletedtext"] if self._trusted else [])]
            told = {"id": int(self._trusted), "name": "Archive", "rights": rights}
            return {"batchcomplete": True, "query": {"userinfo": told}}
        if about.get("meta") == "filerepoinfo":
            return {"batchcomplete": True, "query": {"repos": self._shapes.repositories()}}
        chosen = self._lists.get(about.get("list", "")) or self._generators.get(
            about.get("generator", "")
        )
        query = chosen() if chosen else self._named()
        going_on: Json = {"continue": self._continue} if self._continue else {}
        if about.get("siprop") == "usergroups" and "continue" not in about:
            query |= {"usergroups": self._shapes.groups()}
        if "requestid" in about:
            going_on = {**going_on, "requestid": about["requestid"]}
        found = {"query": query} if query else {}
        return {"batchcomplete": True, **going_on, **found}

    def _cut(self, things: Iterable[Thing], key: Callable[[Thing], str], name: str) -> list[Thing]:
        """Return what fits this answer of a list in order; say where the next begins."""
        ordered = list(things)
        start = 0
        if name in self._about:
            keys = [key(thing) for thing in ordered]
            start = keys.index(self._about[name]) if self._about[name] in keys else len(keys)
        rest = ordered[start + self._limit :]
        if rest:
            done = "siteinfo" if "siprop" in self._about else ""
            mark = f"{name}||{done}" if "generator" in self._about else f"-||{done}"
            self._continue = {name: key(rest[0]), "continue": mark}
        return ordered[start : start + self._limit]

    # ── lists ────────────────────────────────────────────────────────────────────────
    def _revisions(self, name: str, direction: str) -> list[Revision]:
        """Return this answer's part of all revisions of pages that are there, by time."""
        found = [one for one in self._wiki.revisions.values() if not one.archived]
        found.sort(key=_by_time, reverse=self._about.get(direction) == "older")
        return self._cut(found, lambda one: f"{one.time:%Y%m%d%H%M%S}|{one.id}", name)

    def _all_revisions(self) -> Json:
        pages: dict[int, list[Json]] = {}
        for one in self._revisions("arvcontinue", "arvdir"):
            pages.setdefault(one.page, []).append(self._shapes.revision(one))
        wiki, around = self._wiki, self._shapes.around
        listed = [around(wiki.pages[n].title, "revisions", found, n) for n, found in pages.items()]
        return {"allrevisions": listed}

    def _all_deleted(self) -> Json:
        self._trust()
        archived = [one for one in self._wiki.revisions.values() if one.archived]
        archived.sort(key=_by_time)
        pages: dict[str, list[Json]] = {}
        for one in self._cut(
            archived, lambda one: f"{one.time:%Y%m%d%H%M%S}|{one.id}", "adrcontinue"
        ):
            pages.setdefault(one.archived, []).append(self._shapes.revision(one))
        around = self._shapes.around
        listed = [around(title, "revisions", found, 0) for title, found in pages.items()]
        return {"alldeletedrevisions": listed}

    def _log(self) -> Json:
        kind = self._about.get("letype", "")
        log = [one for one in self._wiki.log if kind in ("", one.type) and self._may_read(one)]
        log = log if self._about.get("ledir") == "newer" else log[::-1]
        part = self._cut(log, lambda one: f"{one.time:%Y%m%d%H%M%S}|{one.id}", "lecontinue")
        return {"logevents": [self._shapes.entry(one) for one in part]}

    def _may_read(self, entry: Entry) -> bool:
        return self._trusted or entry.type != "suppress"

    def _users(self) -> Json:
        about = self._about
        people = sorted(self._wiki.people.values(), key=lambda person: person.name)
        if "auto" in about:
            people = [one for one in people if about["aufrom"] <= one.name <= about["auto"]]
            return {"allusers": [self._shapes.person(one) for one in people]}
        part = self._cut(people, lambda person: person.name, "aufrom")
        return {"allusers": [self._shapes.person(one) for one in part]}

    def _users_by_number(self) -> Json:
        numbers = map(int, self._about.get("ususerids", "").split("|"))
        people = self._wiki.people
        shape = self._shapes.person
        return {
            "users": [
                shape(people[n]) if n in people else {"userid": n, "missing": True} for n in numbers
            ]
        }

    def _file_archive(self) -> Json:
        self._trust()
        name = self._about.get("fafrom", "")
        gone = [one for one in self._wiki.uploads if one.deleted and name in ("", one.name)]
        part = self._cut(gone, lambda one: f"{one.name}|{one.id}", "facontinue")
        return {"filearchive": [self._shapes.archived(one) for one in part]}

    # ── generators ───────────────────────────────────────────────────────────────────
    def _pages_of_namespace(self) -> Json:
        wanted = self._about.get("gapnamespace")
        pages = [page for page in self._wiki.pages.values() if str(page.ns) == wanted]
        pages.sort(key=lambda page: page.title)
        part = self._cut(pages, lambda page: page.title.replace(" ", "_"), "gapcontinue")
        return self._pages(part)

    def _pages_by_change(self) -> Json:
        numbers = {one.page for one in self._revisions("garvcontinue", "garvdir")}
        return self._pages(self._wiki.pages[number] for number in sorted(numbers))

    def _files(self) -> Json:
        newest = {one.name: one for one in self._wiki.uploads if not one.deleted}
        files = sorted(newest.values(), key=lambda one: one.name)
        if self._about.get("gaidir") == "descending":
            files.sort(key=lambda one: one.time, reverse=True)
        part = self._cut(files, lambda one: f"{one.time:%Y%m%d%H%M%S}|{one.name}", "gaicontinue")
        return {"pages": [self._file(f"File:{one.name}") for one in part]} if part else {}

    def _pages(self, pages: Iterable[WikiPage]) -> Json:
        shapes = [self._shapes.page(page) for page in pages]
        return {"pages": shapes} if shapes else {}

    # ── single things ────────────────────────────────────────────────────────────────
    def _named(self) -> Json:
        """Return the pages, revisions or files that are asked for by name or number."""
        about = self._about
        if "revids" in about:
            return self._revisions_by_number([int(one) for one in about["revids"].split("|")])
        if "pageids" in about:
            number = int(about["pageids"])
            page = self._wiki.pages.get(number)
            shape = self._shapes.page(page) if page else {"pageid": number, "missing": True}
            return {"pages": [shape]}
        return {"pages": [self._titled(about.get("titles", ""))]}

    def _titled(self, title: str) -> Json:
        page, prop = self._wiki.find(title), self._about.get("prop", "")
        made: Json = {"ns": namespace_of(title), "title": title}
        if prop == "imageinfo":
            return self._file(title)
        if prop == "deletedrevisions":
            self._trust()
            gone = [one for one in self._wiki.revisions.values() if one.archived == title]
            missing = {} if page else {"missing": True}
            shapes = [self._shapes.revision(one) for one in gone]
            return made | missing | ({"deletedrevisions": shapes} if shapes else {})
        if page is None:
            return made | {"missing": True}
        if prop == "info":
            return self._shapes.page(page)
        found = [self._shapes.revision(one) for one in self._wiki.history(page.id)[::-1]]
        return {"pageid": page.id, **made, "revisions": found}

    def _file(self, title: str) -> Json:
        page = self._wiki.find(title)
        made: Json = {"ns": 6, "title": title}
        versions = self._wiki.versions(title)
        if page is None or not versions:
            return made | {"missing": True, "imagerepository": ""}
        shown = [
            self._shapes.version(one, current=one is versions[0])
            for one in versions
            if self._about.get("iistart", "") in ("", _moment(one))
        ]
        made = {"pageid": page.id, **made, "imagerepository": "local"}
        return made | ({"imageinfo": shown} if shown else {})

    def _revisions_by_number(self, numbers: list[int]) -> Json:
        pages: list[Json] = []
        bad: Json = {}
        for number in numbers:
            one = self._wiki.revisions.get(number)
            if one is None or (one.archived and not self._trusted):
                bad[str(number)] = {"revid": number, "missing": True}
            elif one.archived:
                made: Json = {"ns": namespace_of(one.archived), "title": one.archived}
                shape = self._shapes.revision(one)
                pages.append(made | {"missing": True, "deletedrevisions": [shape]})
            else:
                page = self._wiki.pages[one.page]
                made = {"pageid": page.id, "ns": page.ns, "title": page.title}
                pages.append(made | {"revisions": [self._shapes.revision(one)]})
        return ({"badrevids": bad} if bad else {}) | ({"pages": pages} if pages else {})

    def _trust(self) -> None:
        if not self._trusted:
            raise QueryError("permissiondenied")


def _by_time(revision: Revision) -> tuple[str, int]:
    return f"{revision.time:%Y%m%d%H%M%S}", revision.id


def _moment(upload: Upload) -> str:
    return f"{upload.time:%Y-%m-%dT%H:%M:%SZ}"
