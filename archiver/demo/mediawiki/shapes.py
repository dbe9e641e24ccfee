"""The stand-in wiki's things as MediaWiki 1.39 writes them (formatversion 2)."""

from __future__ import annotations

from hashlib import sha1
from typing import TYPE_CHECKING
from urllib.parse import quote

from archiver.demo.mediawiki.wiki import NAMESPACES, namespace_of

if TYPE_CHECKING:
    from datetime import datetime

    from archiver.demo.mediawiki.wiki import Entry, Person, Revision, Upload, Wiki, WikiPage

__all__ = ["Json", "Shapes", "moment"]

Json = dict[str, object]


def moment(when: datetime) -> str:
    """Return a time as the API spells it."""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


class Shapes:
    """Writes the things of ``wiki``, whose address (of the folder) is ``base``.

    ``trusted``: the reader may see what is hidden or deleted.
    """

    def __init__(self, wiki: Wiki, base: str, *, trusted: bool) -> None:
        self._wiki = wiki
        self._base = base
        self._files = wiki.files_at or f"{base}/images"
        self._trusted = trusted

    def page(self, page: WikiPage) -> Json:
        """Return a page as ``prop=info`` has it."""
        url = f"{self._base}/index.php/{quote(page.title.replace(' ', '_'), safe='/:')}"
        text = self._wiki.revisions[page.latest].text
        return {
            "pageid": page.id,
            "ns": page.ns,
            "title": page.title,
            "contentmodel": "wikitext",
            "pagelanguage": "en",
            "pagelanguagehtmlcode": "en",
            "pagelanguagedir": "ltr",
            "touched": moment(self._wiki.now),
            "lastrevid": page.latest,
            "length": len(text.encode()),
            **({"new": True} if len(self._wiki.history(page.id)) == 1 else {}),
            "protection": [],
            "restrictiontypes": ["edit", "move"],
            "fullurl": url,
            "editurl": f"{url}?action=edit",
            "canonicalurl": url,
            "displaytitle": page.title,
        }

    def revision(self, revision: Revision) -> Json:
        """Return a revision; what is hidden is shown to those who may see it, and marked."""
        shown = self._trusted
        person = self._wiki.people[revision.user]
        data = revision.text.encode()
        slot: Json = {"contentmodel": "wikitext"}
        made: Json = {"revid": revision.id, "parentid": revision.parent, "minor": False}
        if "user" in revision.hidden:
            made["userhidden"] = True
        if "user" not in revision.hidden or shown:
            made |= {"user": person.name, "userid": person.id}
        made |= {"timestamp": moment(revision.time), "size": len(data)}
        if "text" in revision.hidden:
            made["sha1hidden"] = slot["texthidden"] = True
        if "text" not in revision.hidden or shown:
            made["sha1"] = sha1(data, usedforsecurity=False).hexdigest()
            slot |= {"contentformat": "text/x-wiki", "content": revision.text}
        made |= {"roles": ["main"], "slots": {"main": slot}}
        if "comment" in revision.hidden:
            made["commenthidden"] = True
        if "comment" not in revision.hidden or shown:
            made["comment"] = revision.comment
        return made | {"tags": []}

    def around(self, title: str, key: str, found: list[Json], page: int) -> Json:
        """Return a page around its revisions, as the lists of all revisions have it."""
        return {"pageid": page, key: found, "ns": namespace_of(title), "title": title}

    def entry(self, entry: Entry) -> Json:
        """Return a log entry."""
        page = self._wiki.find(entry.title)
        about: Json = {
            "ns": namespace_of(entry.title),
            "title": entry.title,
            "pageid": page.id if page else 0,
            "logpage": entry.page,
            "params": entry.params,
        }
        if entry.hidden:
            about = {"actionhidden": True, **(about if self._trusted else {})}
        return {
            "logid": entry.id,
            **about,
            "type": entry.type,
            "action": entry.action,
            "user": self._wiki.people[entry.user].name,
            "userid": entry.user,
            "timestamp": moment(entry.time),
            "comment": entry.comment,
            "tags": [],
        }

    def person(self, person: Person) -> Json:
        """Return an account."""
        block: Json = {}
        if person.block:
            block = {"blockid": person.id, "blockedby": "Ida", "blockreason": person.block}
            block |= {"blockexpiry": "infinite", "blockpartial": False}
        edits = sum(revision.user == person.id for revision in self._wiki.revisions.values())
        return {
            "userid": person.id,
            "name": person.name,
            **block,
            "editcount": edits,
            "registration": moment(person.registered),
            "groups": ["*", "user", "autoconfirmed", *person.groups],
        }

    def version(self, upload: Upload, *, current: bool) -> Json:
        """Return one version of a file."""
        past = "" if current else f"archive/{upload.time:%Y%m%d%H%M%S}!"
        title = f"File:{upload.name}"
        made: Json = {
            **self._uploaded(upload),
            "comment": upload.comment,
            "canonicaltitle": title,
            "url": f"{self._files}/{past}{quote(upload.name)}",
            "descriptionurl": f"{self._base}/index.php/{quote(title, safe=':')}",
            "mime": "image/png",
            "mediatype": "BITMAP",
            "bitdepth": 8,
        }
        return made if current else made | {"archivename": past.removeprefix("archive/")}

    def archived(self, upload: Upload) -> Json:
        """Return a deleted version of a file."""
        about = {"id": upload.id, "name": upload.name, "ns": 6, "title": f"File:{upload.name}"}
        what = {"mediatype": "BITMAP", "bitdepth": "8", "mime": "image/png"}
        size = {"size": str(len(upload.data))}  # text here, a number elsewhere
        return {**about, "description": upload.comment, **self._uploaded(upload), **size, **what}

    def repositories(self) -> list[Json]:
        """Return where files lie."""
        return [
            {"name": "local", "displayname": "Wiki", "local": True, "rootUrl": self._files},
        ]

    def _uploaded(self, upload: Upload) -> Json:
        return {
            "timestamp": moment(upload.time),
            "user": self._wiki.people[upload.user].name,
            "userid": upload.user,
            "size": len(upload.data),
            "sha1": sha1(upload.data, usedforsecurity=False).hexdigest(),
        }

    def site(self, name: str) -> Json:
        """Return what ``meta=siteinfo`` says."""
        spaces = {
            str(number): {"id": number, "case": "first-letter", "name": space, "subpages": True}
            for number, space in NAMESPACES.items()
        }
        general: Json = {"mainpage": "Main Page", "base": f"{self._base}/index.php/Main_Page"}
        general |= {"sitename": name, "generator": "MediaWiki 1.39.17", "lang": "en"}
        general |= {"readonly": False, "time": moment(self._wiki.now)}
        counts = {"pages": len(self._wiki.pages), "edits": len(self._wiki.revisions)}
        return {
            "general": general,
            "namespaces": spaces,
            "namespacealiases": [{"id": 6, "alias": "Image"}],
            "statistics": counts,
            "rightsinfo": {"url": "", "text": ""},
            "usergroups": self.groups(),
        }

    def groups(self) -> list[Json]:
        """Return who may do what, as far as reading goes."""
        everybody = ["createaccount"] if self._wiki.closed else ["createaccount", "read"]
        return [{"name": "*", "rights": everybody}, {"name": "user", "rights": ["read", "edit"]}]
