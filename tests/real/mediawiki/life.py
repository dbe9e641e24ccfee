"""A wiki's life: twelve people write, ask, quarrel, move, delete, hide, upload, restore."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from tests.real.mediawiki.server import ADMIN, Call
from tests.real.wordpress.pictures import png
from tests.real.wordpress.words import AWKWARD, NAMES, article, remark

if TYPE_CHECKING:
    from tests.real.mediawiki.server import MediaWiki

__all__ = ["busy", "found", "small"]

PEOPLE = tuple(name.replace("'", "’").replace('"', "”") for name in NAMES)
ANONYMOUS = "192.0.2.7"
PAGES = 102
TITLES = (
    "Road closure",
    "“Your voice” & you",
    "Reunión pública",
    "公告",
    "Łąkowa 7/9",
    "Q&A: budget",
)
SECRET = "My number is 555-0117, please take it out."


def edit(user: str, page: str, text: str, **more: str) -> Call:
    """Return a call that saves a page."""
    return user, {"action": "edit", "title": page, "text": text, **more}


def ask(user: str, page: str, text: str) -> Call:
    """Return a call that adds a section to a talk page."""
    about = {"section": "new", "sectiontitle": "Question", "text": f"{text} ~~~~"}
    return user, {"action": "edit", "title": page, **about}


def admin(action: str, **about: str) -> Call:
    """Return a call that the administrator makes."""
    return ADMIN, {"action": action, **about}


def found(wiki: MediaWiki) -> int:
    """Let the wiki live until its first capture; return how many events it took."""
    rng = Random(2026)
    people = [(name, {"action": "register", "email": f"p{n}@x.example"}) for n, name in _numbered()]
    wiki.live(*people)
    calls: list[Call] = []
    pages = [f"{TITLES[number % len(TITLES)]} ({number})" for number in range(PAGES)]
    for number, page in enumerate(pages):
        writer = PEOPLE[number % len(PEOPLE)]
        calls.append(edit(writer, page, article(rng, number), summary=remark(rng, number)[:100]))
        if number % 2:
            calls.append(edit(ADMIN, page, article(rng, number), minor="1"))
        if number % 3 == 0:
            calls.append(
                ask(PEOPLE[(number + 3) % len(PEOPLE)], f"Talk:{page}", remark(rng, number))
            )
            calls.append(ask(ADMIN, f"Talk:{page}", AWKWARD[number % len(AWKWARD)]))
    calls += [ask(ANONYMOUS, f"Talk:{page}", remark(rng, n)) for n, page in enumerate(pages[::10])]
    calls += [edit(ADMIN, f"Council:Minutes {n}", article(rng, n)) for n in range(1, 13)]
    calls += [edit(PEOPLE[n], f"User:{PEOPLE[n]}", AWKWARD[n]) for n in range(5)]
    calls += [edit(PEOPLE[n], f"Spam {n}", "Buy watches") for n in range(8)]
    calls += [edit(PEOPLE[n], f"Spam {n}", "Buy more watches") for n in range(4)]
    done = wiki.live(*calls)
    for number in range(6):
        picture = png(rng, 8 + number, 8)
        wiki.upload(f"Map {number}.png", picture, f"Map {number}")
    wiki.upload("Map 0.png", png(rng, 30, 8), "A better map")
    later = _moderation(pages)
    hidden = wiki.live(ask(PEOPLE[3], f"Talk:{pages[1]}", SECRET))[0]["edit"]["newrevid"]
    later += [
        edit(ADMIN, f"Talk:{pages[1]}", "''removed''"),
        _hide(hidden, f"Talk:{pages[1]}", "content|user"),
    ]
    wiki.live(*later)
    return len(people) + len(done) + 8 + len(later)


def _moderation(pages: list[str]) -> list[Call]:
    """Return deletions, moves, protections, blocks and changes of rights."""
    calls = [admin("delete", title=f"Spam {n}", reason="advertising") for n in range(6)]
    calls += [admin("undelete", title="Spam 0", reason="as evidence")]
    calls += [admin("delete", title="File:Map 5.png", reason="no permission")]
    calls += [
        admin("move", **{"from": page, "to": f"{page}, old", "noredirect": flag} if flag else
              {"from": page, "to": f"{page}, old"})
        for page, flag in ((pages[4], "1"), (pages[6], ""), (pages[8], ""))
    ]  # fmt: skip
    calls += [admin("protect", title=page, protections="edit=sysop") for page in pages[10:14]]
    calls += [admin("block", user=PEOPLE[n], expiry="2030-01-01T00:00:00Z") for n in (1, 2)]
    calls += [admin("userrights", user=PEOPLE[n], add="bot") for n in (4, 5)]
    return calls


def _numbered() -> list[tuple[int, str]]:
    return list(enumerate(PEOPLE))


def _hide(number: int, target: str, parts: str) -> Call:
    return admin(
        "revisiondelete", type="revision", ids=str(number), target=target, hide=parts,
        reason="personal information",
    )  # fmt: skip


def busy(wiki: MediaWiki) -> None:
    """Live through a day of every kind of change."""
    rng = Random(7)
    known = {name.replace("_", " "): (number, latest) for number, name, latest in wiki.sql(
        "select page_id, page_title, page_latest from page where page_namespace = 0"
    )}  # fmt: skip
    locked = {number for (number,) in wiki.sql("select pr_page from page_restrictions")}
    names = [
        name for name, (number, _) in known.items() if name.endswith(")") and number not in locked
    ]
    calls = [edit(PEOPLE[6], name, article(rng, n)) for n, name in enumerate(names[:8])]
    calls += [ask(PEOPLE[7], f"Talk:{name}", remark(rng, n)) for n, name in enumerate(names[:6])]
    calls += [edit(PEOPLE[8], f"New {n}", AWKWARD[n]) for n in range(4)]
    calls += [admin("delete", title=name, reason="merged") for name in names[20:24]]
    calls += [admin("undelete", title="Spam 1", reason="as evidence")]
    calls += [admin("move", **{"from": names[25], "to": f"Council:{names[25]}"})]
    calls += [admin("protect", title=names[26], protections="edit=sysop|move=sysop")]
    calls += [_hide(known[names[28]][1], names[28], "comment")]
    (shown,) = wiki.sql("select rev_id, page_title from revision join page on page_id = rev_page"
                        " where rev_deleted > 0")  # fmt: skip
    calls += [
        admin("revisiondelete", type="revision", ids=str(shown[0]), target=f"Talk:{shown[1]}",
              show="content|user"),
        admin("delete", title="File:Map 4.png", reason="no permission"),
        admin("undelete", title="File:Map 5.png", reason="permission came"),
        admin("block", user=PEOPLE[9], expiry="infinite", reason="shouting"),
        admin("unblock", user=PEOPLE[1]),
        ("Wen Marlowe", {"action": "register", "email": "wen@x.example"}),
        ("Wen Marlowe", {"action": "edit", "title": "Wen's page", "text": "Hello"}),
    ]  # fmt: skip
    wiki.live(*calls)
    wiki.upload("Map 1.png", png(rng, 31, 8), "After the repair")
    wiki.upload("Map 9.png", png(rng, 9, 9), "New")


def small(wiki: MediaWiki) -> None:
    """Do a little of what an incremental capture can see."""
    calls = [
        edit(PEOPLE[10], "New 0", "Put right the same evening."),
        edit(PEOPLE[10], "Late", "Late."),
        admin("delete", title="New 1", reason="twice"),
        admin("undelete", title="Spam 2", reason="as evidence"),
        admin("block", user=PEOPLE[11], expiry="infinite"),
        _hide(_latest(wiki, "New_2"), "New 2", "content"),
    ]
    wiki.live(*calls)
    wiki.upload("Map 2.png", png(Random(3), 12, 9), "Again")


def _latest(wiki: MediaWiki, name: str) -> int:
    found = dict(wiki.sql("select page_title, page_latest from page where page_namespace = 0"))
    return int(found[name])
