"""The archive that X gives: synthetic, built to the layout of its README."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING
from zipfile import ZipFile

from archiver.capture.importers import IMPORTERS
from archiver.capture.importers.x_archive import X_ARCHIVE
from archiver.flows import connectors
from archiver.flows.reparse import reparse
from tests.flows.helpers import Quiet
from tests.imports.hall import hall

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

TWEETS = [
    {
        "tweet": {
            "edit_info": {"initial": {"editTweetIds": ["11"], "isEditEligible": True}},
            "id_str": "11",
            "id": "11",
            "created_at": "Fri Oct 13 18:01:33 +0000 2023",
            "full_text": "Ferry Street is closed “until” Monday",
            "favorite_count": "3",
            "lang": "en",
        }
    },
    {
        "tweet": {
            "edit_info": {
                "edit": {
                    "initialTweetId": "12",
                    "editControlInitial": {"editTweetIds": ["12", "13"]},
                }
            },
            "id_str": "13",
            "id": "13",
            "created_at": "Sat Oct 14 08:00:00 +0000 2023",
            "full_text": "It opens on Tuesday",
        }
    },
]
MESSAGES = [
    {
        "dmConversation": {
            "conversationId": "5-7",
            "messages": [
                {
                    "messageCreate": {
                        "id": "90",
                        "text": "Is the bridge open?",
                        "senderId": "7",
                        "recipientId": "5",
                        "createdAt": "2023-10-14T09:00:00.000Z",
                    }
                },
                {
                    "messageCreate": {
                        "id": "91",
                        "text": "On Tuesday",
                        "senderId": "5",
                        "recipientId": "7",
                        "createdAt": "2023-10-14T09:05:00.000Z",
                    }
                },
            ],
        }
    }
]


def _js(name: str, value: object) -> str:
    return f"window.YTD.{name}.part0 = {json.dumps(value, ensure_ascii=False, indent=2)}"


def archive(path: Path) -> Path:
    """Write a synthetic archive."""
    with ZipFile(path, "w") as made:
        manifest = {"archiveInfo": {"generationDate": "2023-11-01T00:00:00.000Z"}}
        made.writestr("data/manifest.js", f"window.__THAR_CONFIG = {json.dumps(manifest)}")
        made.writestr("data/tweets.js", _js("tweets", TWEETS))
        made.writestr("data/direct-messages.js", _js("direct_messages", MESSAGES))
        made.writestr("data/follower.js", _js("follower", [{"follower": {"accountId": "44"}}]))
        made.writestr("data/ad-engagements.js", _js("ad_engagements", [{"ad": {"x": 1}}]))
        made.writestr("data/tweets_media/11-abc.jpg", b"\xff\xd8\xff\xe0picture")
    return path


def test_what_is_taken(tmp_path: Path) -> None:
    """Posts, messages, followers, media under X's own ids; what is not understood is kept."""
    town = hall(tmp_path / "home", "x", "https://x.com/city")
    report = town.take(archive(tmp_path / "twitter.zip"), "x-archive")
    posts = town.read("posts")
    assert posts["11"]["text"] == "Ferry Street is closed “until” Monday"
    assert posts["11"]["created_at"] == "2023-10-13T18:01:33.000000Z"
    assert set(posts) == {"11", "12"}
    messages = town.read("messages")
    assert (messages["91"]["thread_id"], messages["91"]["author_id"]) == ("5-7", "5")
    assert set(town.read("subscribers")) == {"follower/44"}
    (picture,) = town.read("media").values()
    assert picture["file_name"] == "11-abc.jpg"
    assert report.members == {"items": 3, "file": 1, "rest": 2}
    assert sorted(report.left_by) == ["data/ad-engagements.js", "data/manifest.js"]
    town.check()


def test_a_newer_importer_reads_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Years later: what it reads otherwise is shown, and sealed beside what is there."""
    town = hall(tmp_path / "home", "x", "https://x.com/city")
    town.take(archive(tmp_path / "twitter.zip"), "x-archive")
    liked, *rest = X_ARCHIVE.table
    told = {name: one for name, one in liked.handlers.items() if name != "lang"}
    newer = replace(X_ARCHIVE, parser="x-archive/2", table=(liked._replace(handlers=told), *rest))
    monkeypatch.setattr(connectors, "IMPORTERS", {**IMPORTERS, "x-archive": newer})
    (shown,) = reparse(town.archive, "city", Quiet())
    assert shown.differ == {"posts": 1}
    (made,) = reparse(town.archive, "city", Quiet(), apply=True)
    assert made.made == 1
    assert "x-archive/2" in {row["parser"] for row in town.rows("posts")}
    (again,) = reparse(town.archive, "city", Quiet())
    assert not again.differ
    town.check()
