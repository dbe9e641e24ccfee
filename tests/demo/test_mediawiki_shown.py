"""What a wiki does not show, moves or leaves aside is never told as anything else."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from archiver.demo.mediawiki.lists import Lists
from archiver.demo.mediawiki.shapes import Shapes, moment
from tests.demo.test_mediawiki import ACCOUNT, Stage, held, staged, truth

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archiver.demo.mediawiki.wiki import Entry, Revision

Answered = dict[str, object]
PROFILE = {"siprop": "general|namespaces|namespacealiases|statistics|rightsinfo|usergroups"}
WARNING = {"query": {"warnings": 'Unrecognized value for parameter "list": logevents.'}}


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A stage of one's own."""
    with staged(tmp_path) as one:
        yield one


def kinds(stage: Stage, mode: str) -> dict[tuple[str, str], str]:
    """Return what a capture observed, by thing."""
    return {one.thing: one.kind for one in stage.during(mode)}


def test_a_moved_file_is_never_deleted(stage: Stage) -> None:
    """Under its old name a file is absent; what it is called now is seen at once."""
    stage.capture("backfill")
    wiki = stage.wiki
    upload = next(one for one in wiki.uploads if one.name == "Parade.png")
    wiki.move("File:Parade.png", "File:Parade 2026.png")
    found = kinds(stage, "incremental")
    when = moment(upload.time)
    assert found["media", f"Parade 2026.png/{when}"] == "present"
    assert found["media", f"Parade 2026.png/{when}/file"] == "present"
    found = {thing: kind for thing, kind in kinds(stage, "reconcile").items() if "media" in thing}
    assert found == {
        ("media", f"Parade.png/{when}"): "absent",
        ("media", f"Parade.png/{when}/file"): "absent",
    }
    assert stage.during("reconcile") == []


@pytest.mark.parametrize(
    ("parameter", "answer", "lack"),
    [
        ({"list": "logevents"}, {"batchcomplete": True, "warnings": WARNING}, "logevents"),
        ({"list": "allrevisions"}, {"batchcomplete": True, "query": {}}, "allrevisions"),
        ({"generator": "allimages"}, {"batchcomplete": True, "warnings": WARNING}, "pages"),
        ({"generator": "allpages"}, {}, "its end"),
        ({"list": "allusers"}, {"query": {"allusers": []}}, "its end"),
        (PROFILE, {"batchcomplete": True}, "general"),
    ],
)
def test_an_answer_without_the_list_is_no_empty_list(
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
    parameter: dict[str, str],
    answer: Answered,
    lack: str,
) -> None:
    """Nothing is absent by it, and the run says what it lacks."""
    stage.capture("backfill")
    plain = Lists.answer

    def changed(lists: Lists) -> Answered:
        asked: dict[str, Any] = lists._about
        return answer if parameter.items() <= asked.items() else plain(lists)

    monkeypatch.setattr(Lists, "answer", changed)
    size = stage.office.size()
    report = stage.capture("backfill")
    assert set(report.incomplete.values()) == {f"schema: an answer without {lack}"}
    sealed = [one for one in stage.office.seen(ACCOUNT) if one.leaf >= size]
    assert {one.kind for one in sealed} <= {"residue", "listing"}


def test_empty_namespaces_are_empty(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A generator that finds nothing has no list; warnings of other modules say nothing of it."""
    plain = Lists.answer
    warned: Answered = {"warnings": {"info": {"warnings": "inprop=… has been deprecated."}}}
    monkeypatch.setattr(Lists, "answer", lambda lists: {**warned, **plain(lists)})
    assert stage.capture("backfill").incomplete == {}
    assert held(stage) == truth(stage.wiki)


def test_entries_of_restricted_logs_are_private(stage: Stage) -> None:
    """Nothing in them says that strangers don't see them; unknown logs are as private."""
    stage.wiki.suppress(6, "posted her address, 12 Elm St")
    stage.wiki.block(7, "shouting")
    stage.wiki.log[-1].type = "checkuser-private-event"
    stage.capture("backfill")
    private = Counter(
        one.row["state"]
        for one in stage.office.seen(ACCOUNT)
        if one.thing[0] == "moderation" and one.sensitivity == "private" and one.kind == "present"
    )
    assert private == {"suppress/block": 1, "checkuser-private-event/block": 1}


def test_files_on_another_host_are_told(stage: Stage) -> None:
    """Each run says that they are not fetched; all the rest is whole, and so are cursors."""
    stage.wiki.files_at = "https://uploads.example/city"
    name = "files-elsewhere uploads.example"
    said = (
        "withheld: files that lie on uploads.example, not on the wiki's own host, are not fetched"
    )
    for mode in ("backfill", "incremental", "reconcile"):
        assert stage.capture(mode).incomplete == {name: said}
    found = held(stage)
    assert found == {k: v for k, v in truth(stage.wiki).items() if not k[1].endswith("/file")}


def test_hidden_log_entries_are_seen_at_once(stage: Stage) -> None:
    """The log says of which type they are; that type is read again."""
    stage.capture("backfill")
    entry = next(one for one in stage.wiki.log if one.type == "newusers")
    stage.wiki.hide_entry(entry.id)
    found = kinds(stage, "incremental")
    assert found["moderation", str(entry.id)] == "hidden"
    assert set(found.values()) == {"hidden", "present"}
    asked = [served.path for served in stage.server.log if "letype=newusers" in served.path]
    assert asked


def test_renamed_accounts_are_seen_at_once(stage: Stage) -> None:
    """They are asked for by the name that they have now."""
    stage.capture("backfill")
    person = stage.wiki.rename(6, "Somebody Else")
    assert kinds(stage, "incremental")["subscribers", str(person.id)] == "edited"
    assert held(stage) == truth(stage.wiki)


def test_merged_pages_are_seen_at_once(stage: Stage) -> None:
    """Revisions are read again where they went to as well as where they were."""
    stage.capture("backfill")
    pages = list(stage.wiki.pages.values())
    source = next(one.title for one in pages[1:] if len(stage.wiki.history(one.id)) > 1)
    target = pages[0].title
    moved: list[Revision] = stage.wiki.history(stage.wiki.page(source).id)[:-1]
    stage.wiki.merge(source, target)
    found = kinds(stage, "incremental")
    assert {found["pages", f"revision/{one.id}"] for one in moved} == {"edited"}
    assert stage.during("reconcile") == []


def test_strangers_see_no_restricted_log(tmp_path: Path) -> None:
    """Without a login the log of suppressions is not shown, nor what was hidden in others."""
    with staged(tmp_path, login=False) as stage:
        hidden: Entry = stage.wiki.hide_entry(3)
        stage.wiki.suppress(6, "posted her address")
        stage.capture("backfill")
        rows = {one.thing: one for one in stage.office.seen(ACCOUNT)}
        assert rows["moderation", str(hidden.id)].kind == "hidden"
        assert not [one for one in rows.values() if "suppress" in one.row.get("state", "")]
        assert Shapes(stage.wiki, "", trusted=False).entry(hidden)["actionhidden"] is True
