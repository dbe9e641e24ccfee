"""Handing over from the command line: the bag, what is said aloud of it, and its receipt."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

import bagit
import pytest

from tests.cli.terminal import run
from tests.cli.test_decisions import done, handed_on
from tests.cli.test_disposition import PACK, PROPOSE, SETTINGS, adopted

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Captured

MAKE = ("transfer", "make")
TO = ("--to", "State Archives")
POST = "wordpress:city-blog:posts:1"


def test_records_by_name(copy: Path, captured: Captured) -> None:
    """A hostile comment drives neither the terminal nor a file's name; private ones are loud."""
    refused = run(copy, *MAKE, captured.hostile, *TO, "--out", "bag", "--json").finding
    assert refused["code"] == "transfer-private"
    words = (*MAKE, captured.hostile, *TO, "--private", "--at", "2026-11-20T09:00:00+01:00")
    made = run(copy, *words, "--out", "bag", "--json").document["data"]
    bag = copy / "bag"
    assert bagit.Bag(str(bag)).validate()
    assert made["document"] == json.loads((bag / "data/transfer.json").read_text("utf-8"))
    assert made["document"]["made"] == "2026-11-20T08:00:00.000000Z"
    manifest = (bag / "manifest-sha256.txt").read_bytes()
    assert made["manifest_sha256"] == sha256(manifest).hexdigest()
    assert all(str(path.name).isascii() for path in bag.rglob("*"))
    assert b"\x1b[2J" in (bag / "data/rows/comments.csv").read_bytes()
    again = run(copy, *words, "--out", "bag", "--json").finding
    assert again["code"] == "file-exists"
    told = run(copy, *words, "--out", "other")
    assert "THE BAG HAS PRIVATE RECORDS, DECRYPTED: comments" in told.text
    posts = run(copy, "search", "--stream", "posts", "--json").document["data"]["hits"]
    (copy / "ids").write_text("\n".join([captured.hostile, *(one["record_id"] for one in posts)]))
    left = run(copy, *MAKE, "--file", "ids", *TO, "--out", "public")
    assert "LEFT OUT: " in left.text
    assert [path.name for path in (copy / "public/data/warc").iterdir()] == ["posts.warc.gz"]


WRONG = (
    (MAKE, "where to?"),
    ((*MAKE, "--out", "x"), "to whom?"),
    ((*MAKE, *TO, "--out", "x"), "what is transferred?"),
    ((*MAKE, POST, "--series", "a/1", *TO, "--out", "x"), "what is transferred?"),
    ((*MAKE, POST, "--as-of", "2026-01-01", *TO, "--out", "x"), "what is transferred?"),
    ((*MAKE, POST, *TO, "--out", "x", "--at", "soon"), "not a moment"),
    ((*MAKE, POST, *TO, "--out", "x", "--at", "0001-01-01T00:00:00+23:00"), "not a moment"),
    ((*MAKE, "--order", "a" * 26, "--out", "x"), "no such order"),
    ((*MAKE, "--series", "a/1", *TO, "--out", "x"), "nothing goes under this series"),
    ((*MAKE, "wordpress:city-blog:posts:nope", *TO, "--out", "x"), "no such record"),
    (("transfer", "receipt"), "give TRANSFER"),
    (("transfer", "receipt", "bag"), "the receipt itself"),
    (("transfer", "receipt", "bag", "--copy", "archive/archive.json"), "can't read"),
)


@pytest.mark.parametrize(("words", "told"), WRONG, ids=lambda one: str(one)[:40])
def test_what_makes_no_sense_is_refused(
    captured: Captured, words: tuple[str, ...], told: str
) -> None:
    """Each mistake has its sentence, and nothing is written."""
    ran = run(captured.folder, *words, "--json")
    assert told in ran.finding["message"]
    assert ran.code in {1, 2}
    assert not (captured.folder / "x").exists()


def test_an_order_from_bag_to_receipt(
    captured: Captured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proposed to an authority, made, sent, received: two sign the receipt, and the order waits."""
    pack = PACK.replace("then: destroy", "then: transfer").replace("US-IL", "US-XX")
    elsewhere = SETTINGS.replace("US-IL", "US-XX")  # where no pack asks another authority
    monkeypatch.setattr("tests.cli.test_disposition.SETTINGS", elsewhere)
    office = adopted(captured, tmp_path, monkeypatch, pack)
    done(office, *PROPOSE, *TO, "--reason", "due", "--out", "one.act", sign="clerk")
    approve = ("disposition", "approve")
    one = run(office, *approve, "one.act", "--out", "two.act", "--sign", "anna.key")
    assert "To be transferred to State Archives, then destroyed" in one.text
    act = done(office, *approve, "two.act", sign="bert").document["data"]["act"]
    order = str(act["statement"]["order"])
    made = run(office, *MAKE, "--order", order, "--out", "bag", "--json").document["data"]
    assert made["document"]["about"]["order"] == order
    assert made["document"]["to"] == "State Archives"
    day = str(datetime.now(UTC).date())
    sent = ("--date", day, "--evidence", "parcel 1")
    done(office, "disposition", "submit", order, *sent, sign="clerk")
    (office / "receipt.pdf").write_bytes(b"received")
    said = ("bag", "--date", day, "--evidence", "letter 7", "--copy", "receipt.pdf")
    sealed = handed_on(office, ("transfer", "receipt"), *said).document["data"]
    assert sealed["sealed"]
    assert len(sealed["act"]["signatures"]) == 2
    (row,) = run(office, "disposition", "list", "--json").document["data"]
    assert row["state"] == "waiting"
    assert row["outside"]["answers"][0]["copy_sha256"] == sha256(b"received").hexdigest()
