"""What the demo city's content is, and whether an archive says the same of every record."""

from __future__ import annotations

from contextlib import suppress
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from archiver.capture.known import mark_of
from archiver.demo import texts
from archiver.edges.keys import LocalKeyStore
from archiver.errors import UsageError
from archiver.flows.finished import finished_at
from archiver.flows.ledger import read_state
from archiver.flows.segments import read_table
from archiver.flows.verify import verify
from archiver.formats.parquet import rows_of
from archiver.ledger import ranges
from archiver.ledger.state import INTAKE, SETTLE
from tests.chaos.helpers import BLOG, NEWS

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from archiver.demo.city import City
    from archiver.flows.archive import Archive
    from tests.chaos.helpers import Place

Row = dict[str, str]
Thing = tuple[str, str, str]
VOLATILE = ("volatile", "reported", "listed")
CONTEXT = ("record_id", "observation_id", "captured_at", "exchange", "page_url", "parser")
SHOWN = 15
"""How many items a feed shows: those before them may have changed unseen."""


class Quiet:
    """Progress that nobody looks at."""

    def step(self, done: int, total: int | None, what: str) -> None:
        """Say nothing."""


def truth(city: City) -> dict[Thing, Row]:
    """Return what every record of the city should say now: account, stream, id -> fields."""
    streams = {"post": "posts", "page": "pages", "attachment": "media"}
    found: dict[Thing, Row] = {}
    for post in city.posts.values():
        stream, name = streams[post.kind], str(post.id)
        found[BLOG, stream, name] = {"state": post.status, "title": post.title}
        if post.kind == "attachment":
            found[BLOG, stream, name]["alt_text"] = post.alt_text
            found[BLOG, stream, f"{name}/file"] = {"file_sha256": sha256(post.file).hexdigest()}
        else:
            found[BLOG, stream, name]["markup"] = post.text
    for one in city.revisions.values():
        stream = streams[city.posts[one.parent].kind]
        found[BLOG, stream, f"{one.parent}/revision/{one.id}"] = {"markup": one.text}
    for comment in city.comments.values():
        fields = {"state": comment.status, "markup": comment.text, "author_name": comment.name}
        found[BLOG, "comments", str(comment.id)] = fields
    for user in city.users.values():
        found[BLOG, "subscribers", str(user.id)] = {"handle": user.login, "name": user.name}
    for item in city.news[-SHOWN:]:
        found[NEWS, "posts", item.guid] = {"title": item.title, "text": item.text}
    return found


def rows(archive: Archive) -> list[Row]:
    """Return every row of the archive, in ledger order."""
    return [
        row
        for segment in read_state(archive).segments()
        if segment.stage == SETTLE and segment.leaves
        for row in rows_of(read_table(archive, segment))
    ]


def histories(archive: Archive) -> dict[Thing, list[Row]]:
    """Return the observations of every record the platform has, oldest first."""
    found: dict[Thing, list[Row]] = {}
    for row in rows(archive):
        if row["stream"] not in {"workflow", "profile"}:
            found.setdefault((row["account"], row["stream"], row["native_id"]), []).append(row)
    return found


def disagreements(archive: Archive, city: City) -> list[str]:
    """Name every record that the archive lacks, invents, doubles or has wrong."""
    wanted, have = truth(city), histories(archive)
    said: list[str] = []
    for thing, fields in wanted.items():
        if thing not in have:
            said.append(f"missing {thing}")
            continue
        last = have[thing][-1]
        other = {name: last.get(name, "") for name in fields}
        if other != fields or last["kind"] in {"absent", "deleted"}:
            said.append(f"wrong {thing}: {last['kind']} {other}, not {fields}")
    for thing, history in have.items():
        kinds = [row["kind"] for row in history]
        if (
            kinds[0] not in {"listing", "residue"}
            and thing not in wanted
            and kinds[-1] != "deleted"
            and thing[0] != NEWS
        ):
            said.append(f"invented {thing}: {kinds}")
        said += [f"doubled {thing}: {kinds}" for _ in [0] if _doubled(history)]
    return said


def _doubled(history: list[Row]) -> bool:
    """Tell whether two observations in a row say the same; listings stand for their passes."""
    key = bytes(16)
    said = [
        (
            row["kind"],
            row["exchange"] if row["kind"] == "listing" else mark_of("", _fields(row), key),
        )
        for row in history
    ]
    return any(
        before == now or (now[0] == "edited" and before[1] == now[1])
        for before, now in pairwise(said)
    )


def _fields(row: Row) -> Row:
    return {name: value for name, value in row.items() if name not in (*CONTEXT, *VOLATILE, "kind")}


def assert_whole(place: Place, city: City, *, killed: bool = False) -> None:
    """Assert that the archive is clean, says what the city says, and nothing is left over.

    ``killed``: a process may have been killed between making the key of a file and saying
    in its journal which file; such a key opens nothing and stays.
    """
    archive = place.opened()
    report = verify(archive, Quiet(), deep=True)
    assert report.findings == []
    assert report.unreadable == 0
    found = disagreements(archive, city)
    assert found == [], found
    assert_nothing_left(place, archive)
    assert_keys(archive, killed=killed)


def assert_nothing_left(place: Place, archive: Archive) -> None:
    """Assert that spool and journals are empty and every number is sealed."""
    state = read_state(archive)
    for lane in state.covered.values():
        assert lane[INTAKE] == lane[SETTLE]
        assert ranges.gaps(lane[SETTLE], 1) == []
    ends = {lane[INTAKE][-1][1] for lane in state.covered.values()}
    folders = [one for one in (place.inside / "spool").iterdir() if one.is_dir()]
    for folder in folders:
        assert {path.name for path in folder.iterdir()} <= {"lane", "lock", "counter", "place"}
        following = int((folder / "counter").read_text().split()[0])
        assert following == 1 or following in ends
    journals = [path for path in (place.inside / "journal").rglob("*") if path.is_file()]
    assert journals == []
    assert list((place.inside / "tmp").iterdir()) == []
    assert all(finished_at(state, account) for account in state.settled)
    if "://" not in place.archive:
        assert [path.name for path in Path(place.archive, ".tmp").iterdir()] == ["lock"]


def assert_keys(archive: Archive, *, killed: bool) -> None:
    """Assert that there is a key for each encrypted file, and none of another stored one."""
    keys = archive.keys
    assert isinstance(keys, LocalKeyStore)
    private = {
        f"u/{one.unit}/{one.name}.{suffix}"
        for one in read_state(archive).segments()
        for suffix in one.objects
        if suffix.endswith(".c256")
    }
    idle = set(keys.object_ids()) - private
    assert private <= set(keys.object_ids())
    assert killed or not idle
    assert not idle & {found.key for found in archive.store.list("u/")}


def stir(city: City, chance: Random) -> None:
    """Let a few things happen in the city."""
    posts = [p.id for p in city.posts.values() if p.kind == "post" and p.status == "publish"]
    comments = [c.id for c in city.comments.values() if c.status != "post-trashed"]
    number = city.now.timestamp()
    acts: tuple[Callable[[], object], ...] = (
        lambda: city.publish(f"Notice {number:.0f}", f"It is {number:.0f} now. 🎉"),
        lambda: city.edit_post(chance.choice(posts), text=f"Corrected at {number:.0f}."),
        lambda: city.trash_post(chance.choice(posts)),
        lambda: city.delete_post(chance.choice(posts)),
        lambda: city.upload(f"Picture {number:.0f}", "A street"),
        lambda: city.comment(chance.choice(posts), f"At {number:.0f}: call me", name="Inés"),
        lambda: city.comment(chance.choice(posts), "Again and again", name="Inés"),
        lambda: city.edit_comment(chance.choice(comments), f"Meant otherwise, {number:.0f}"),
        lambda: city.hold_comment(chance.choice(comments)),
        lambda: city.spam(chance.choice(comments)),
        lambda: city.trash_comment(chance.choice(comments)),
        lambda: city.restore(chance.choice(comments)),
        lambda: city.delete_comment(chance.choice(comments)),
        lambda: city.add_user(f"user{number:.0f}", "New Resident"),
        lambda: city.announce(f"News {number:.0f}", texts.PHONE_COMMENT),
        lambda: city.correct(city.news[-3].guid, f"Corrected at {number:.0f}."),
    )
    for act in chance.sample(acts, 5):
        with suppress(UsageError, KeyError):  # an act before it took away what it is about
            act()
