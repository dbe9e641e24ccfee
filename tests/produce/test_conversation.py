"""Conversations as RSMF: cut by days, each message with what belongs to it, right for the check."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from dataclasses import replace
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.produce.conversation import Conversations
from archiver.produce.placed import Placed, Stored
from archiver.produce.rsmf_check import check_rsmf
from tests.produce.town import SIGN, at, document, native, town, version
from tests.produce.writing import profile

if TYPE_CHECKING:
    from collections.abc import Iterable

    from archiver.produce.document import Document

POST = "mastodon:city:posts:p"


def placed(one: Document, number: int) -> Placed:
    """Return where a document stands."""
    name = f"EX{number:08}"
    natives = tuple(
        Stored(each, f"NATIVES/0001/{name}_{place}.bin", each.size, "")
        for place, each in enumerate(one.natives)
        if not each.withheld
    )
    proofs = tuple((each.leaf, f"PROOFS/0001/{each.leaf}.json") for each in one.versions)
    return Placed(one, name, name, 0, "", "", "", (), natives, proofs)


def files(documents: Iterable[Document], **changes: object) -> dict[str, bytes]:
    """Return the files of documents, by name; none has a fault."""
    there: dict[str, bytes] = {}
    how = profile("data", **changes)
    chats = Conversations(how, tempfile.TemporaryFile, there.__getitem__)
    for number, one in enumerate(documents, 1):
        where = placed(one, number)
        there |= {each.path: b"".join(each.native.chunks()) for each in where.natives}
        chats.add(where)
    made = {one.name: one.data for one in chats.files()}
    assert {name: check_rsmf(data) for name, data in made.items() if check_rsmf(data)} == {}
    return made


def opened(data: bytes) -> tuple[dict[str, Any], str, Any]:
    """Return manifest, transcript and mail of a file."""
    mail: Any = message_from_bytes(data, policy=policy.default)
    with zipfile.ZipFile(io.BytesIO(next(mail.iter_attachments()).get_content())) as inside:
        manifest = json.loads(inside.read("rsmf_manifest.json"))
    return manifest, mail.get_body(("plain",)).get_content(), mail


def messages(count: int, **changes: object) -> list[Document]:
    """Return messages of one room, a minute apart, the latest first."""
    made = [document(one, "messages", thread="room", **changes) for one in range(count)]
    return made[::-1]


def test_everything_of_a_message_is_with_it() -> None:
    """A post has its edits, its reaction and its picture, though they came later."""
    manifest, text, mail = opened(files(town(), folder=10)["EX00000001_2026-03-07.rsmf"])
    post, withheld, _, gone = manifest["events"]
    assert (post["id"], post["body"]) == (POST, "Potholes, fixed")
    edit = post["edits"][0]
    assert (edit["previous"], edit["new"], edit["timestamp"]) == ("Potholes", post["body"], at(5))
    assert post["reactions"] == [{"value": "favourite", "count": 1, "participants": ["u1"]}]
    assert [one["id"] for one in post["attachments"]] == ["EX00000002_0.bin"]
    assert withheld["body"] == "Call me at [7(1)(b)] please"
    assert (withheld["participant"], withheld["parent"]) == ("name [7(1)(b)]", POST)
    assert gone["deleted"]
    assert "before: Potholes\n" in text
    assert (mail["X-RSMF-Leaves"], mail["X-RSMF-EventCount"]) == ("1 2 4 10 5 6", "4")
    assert {"name": "proofs", "value": "PROOFS/0001/4.json"} in withheld["custom"]


@given(st.lists(st.text(max_size=30), min_size=1, max_size=5))
def test_any_names_are_of_as_many_people(names: list[str]) -> None:
    """No name makes a header that readers choke on, or one person more."""
    said = [
        {"text": "x", "author_name": name, "author_id": f"u{number}"}
        for number, name in enumerate(names)
    ]
    some = [
        document(number, "messages", thread="r", versions=(version(number, "present", one, 1),))
        for number, one in enumerate(said)
    ]
    _, _, mail = opened(next(iter(files(some).values())))
    assert len(mail["From"].addresses) == 1
    assert [one.username for one in mail["To"].addresses] == [f"u{n}" for n in range(len(names))]


def test_who_comes_and_goes() -> None:
    """A follower joins on one day and leaves on another."""
    made = files([one for one in town() if one.stream == "subscribers"])
    events = [opened(data)[0]["events"][0] for data in made.values()]
    assert [(one["type"], one["timestamp"]) for one in events] == [
        ("join", at(30)),
        ("leave", at(3000)),
    ]
    assert list(made) == ["EX00000001_2026-03-07.rsmf", "EX00000001_2026-03-10.rsmf"]
    joined, left = (opened(data)[1].splitlines()[-1] for data in made.values())
    assert joined.endswith("Jo joined")
    assert left.endswith("Jo left (time at which that was seen)")


def test_days_end_at_midnight_of_the_zone() -> None:
    """Each zone has its own days; also the one on which clocks are put forward."""
    hours = [replace(one, versions=(
        version(leaf, "present", {"text": "x", "created_at": at(leaf * 60)}, leaf * 60),
    )) for leaf, one in enumerate(messages(60))]  # fmt: skip
    counted = {
        zone: [len(opened(data)[0]["events"]) for data in files(hours, zone=zone).values()]
        for zone in ("UTC", "America/Chicago", "Asia/Kathmandu")
    }
    assert counted["UTC"] == [2, 24, 24, 10]
    assert counted["America/Chicago"] == [8, 23, 24, 5]  # the eighth of March has 23 hours
    assert counted["Asia/Kathmandu"] == [21, 24, 15]


def test_events_are_in_order_and_not_too_many() -> None:
    """Whatever order documents come in, and however many events a file may have."""
    made = files(messages(7), transcripts=3)
    assert list(made) == [
        "EX00000007_2026-03-07.rsmf",
        "EX00000004_2026-03-07_002.rsmf",
        "EX00000001_2026-03-07_003.rsmf",
    ]
    times = [one["timestamp"] for data in made.values() for one in opened(data)[0]["events"]]
    assert times == sorted(times)
    assert len(times) == 7


def test_what_is_about_nothing_here_stands_alone() -> None:
    """A reaction, an answer and a picture whose message is not handed over lead nowhere."""
    alone = [one for one in town() if one.stream in {"reactions", "media"}]
    alone.append(document(4, parent=POST, thread=POST))
    events = [e for data in files(alone).values() for e in opened(data)[0]["events"]]
    assert len(events) == 3
    assert all("parent" not in one for one in events)
    assert {"favourite to " + POST} <= {one["body"] for one in events}


def test_large_files_are_named_only() -> None:
    """What is too large for a file in memory is told by where it lies in the volume."""
    large = replace(native("a", "video/mp4", b"x"), size=9 * 1024 * 1024)
    one = document(
        1, natives=(large, native("b", "image/png", b"y"), native("c", "x/y", b"", SIGN))
    )
    manifest, _, mail = opened(next(iter(files([one]).values())))
    (event,) = manifest["events"]
    assert [each["id"] for each in event["attachments"]] == ["EX00000001_1.bin"]
    assert {"name": "native", "value": "NATIVES/0001/EX00000001_0.bin"} in event["custom"]
    assert mail["X-RSMF-AttachmentCount"] == "1"


@pytest.mark.parametrize("extra", ['{"a":{"key":"👍"}}', '{"reaction_type":"👍"}'])
def test_the_sign_of_a_reaction(extra: str) -> None:
    """It is read where the platform says it; two of one sign count as two."""
    signs = [document(number, "reactions", native_id=f"r{number}", parent=POST, versions=(
        version(number, "present", {"author_id": f"u{number}", "extra": extra}, number),
    )) for number in (1, 2)]  # fmt: skip
    post = document(3, "posts", native_id="p")
    (data,) = files([*signs, post]).values()
    (event,) = opened(data)[0]["events"]
    assert event["reactions"] == [{"value": "👍", "count": 2, "participants": ["u1", "u2"]}]


def test_what_is_no_time_has_none() -> None:
    """A time without its distance from UTC, or none at all, is on no day: no zone is guessed."""
    odd = ("2026-03-07T22:00:00", "soon", "9999-12-31T23:59:59-11:00")
    documents = [
        document(number, "messages", thread="r", versions=(
            version(number, "present", {"text": "x", "created_at": text}, number),
        ))
        for number, text in enumerate(odd)
    ]  # fmt: skip
    made = files(documents)
    assert list(made) == ["EX00000001_undated.rsmf"]
    assert all("timestamp" not in one for one in opened(made.popitem()[1])[0]["events"])
