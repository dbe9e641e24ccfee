"""What administrators do to a wiki beside its pages, as MediaWiki 1.39 notes it in its logs."""

from __future__ import annotations

from archiver.demo.mediawiki.wiki import Entry, Person, Wiki, WikiPage

__all__ = ["ManagedWiki"]


class ManagedWiki(Wiki):
    """A wiki whose histories are merged, accounts renamed, log entries hidden or suppressed."""

    def merge(self, title: str, into: str, *, user: int = 1) -> None:
        """Give all revisions of a page but its latest to another page."""
        page, target = self.page(title), self.page(into)
        for revision in self.history(page.id)[:-1]:
            revision.page = target.id
        about: dict[str, object] = {"dest_ns": target.ns, "dest_title": into}
        self._note("merge", "merge", page, user, "", about)

    def rename(self, number: int, name: str, *, user: int = 1) -> Person:
        """Give an account another name; the log has it under the old one."""
        person = self.person(number)
        page = WikiPage(0, 2, f"User:{person.name}")
        about: dict[str, object] = {"olduser": person.name, "newuser": name, "edits": 0}
        self._note("renameuser", "renameuser", page, user, "", about)
        person.name = name
        return person

    def hide_entry(self, number: int, *, user: int = 1) -> Entry:
        """Hide what a log entry was about."""
        entry = self.log[number - 1]
        entry.hidden = True
        page = WikiPage(0, -1, f"Special:Log/{entry.type}")
        about: dict[str, object] = {"type": "logging", "ids": [number]}
        self._note("delete", "event", page, user, "personal information", about)
        return entry

    def suppress(self, number: int, reason: str, *, user: int = 1) -> Entry:
        """Block an account and hide its name: a log that only few may read says so."""
        about: dict[str, object] = {"duration": "infinity", "flags": ["hiddenname"]}
        self._note_user("suppress", "block", number, user, about, reason)
        return self.log[-1]
