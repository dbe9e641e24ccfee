"""Search over a sealed archive: true states, and nothing said that is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from archiver.capture.settled import Settled
from archiver.flows.ledger import read_state
from archiver.flows.search import Query, search
from archiver.flows.settle import seal_settled
from archiver.ids import new_uuid
from archiver.record import Excerpt, Observation
from tests.flows.helpers import founded, open_archive

if TYPE_CHECKING:
    from pathlib import Path

    from archiver.edges.memory import MemoryStore
    from archiver.flows.archive import Archive

BATCHES = [
    [("a", "present", "public", "culvert one"), ("b", "present", "public", "culvert two")],
    [("c", "held", "private", "culvert secret"), ("d", "present", "public", "culvert four")],
    [("a", "held", "private", "culvert draft"), ("b", "edited", "public", "bridge two")],
    [("e", "present", "public", "culvert five")],
]
"""(native id, kind, sensitivity, text), batch by batch; all but the last in `comments`."""


def _seal(archive: Archive, number: int, account: str, stream: str) -> None:
    made = [
        (
            new_uuid(archive.chance),
            Observation(
                platform="stand-in",
                account=f"{account} name",
                stream=stream,
                native_id=native_id,
                kind=kind,
                sensitivity=sensitivity,
                captured_at=f"2026-11-{20 + number}T09:00:00.000000Z",
                excerpts=(Excerpt("item", text.encode()),),
                row={"text": text, "state": "told"},
                parser="stand-in/1",
            ),
        )
        for native_id, kind, sensitivity, text in BATCHES[number]
    ]
    seal_settled(archive, read_state(archive), account, Settled(observations=made))


@pytest.fixture
def store(tmp_path: Path) -> MemoryStore:
    """An archive in which a record turned private, and another account that has none."""
    store = founded(tmp_path / "home")
    archive = open_archive(store, tmp_path / "home")
    for number in (0, 1, 2):
        _seal(archive, number, "first", "comments")
    _seal(archive, 3, "second", "posts")
    return store


def _states(archive: Archive, query: Query, **more: Any) -> dict[str, tuple[str, object]]:  # noqa: ANN401 - options of search
    hits = search(archive, query, **more).hits
    return {hit["record_id"].rpartition(":")[2]: (hit["state"], hit["latest"]) for hit in hits}


def test_a_record_that_turned_private_is_not_called_present(
    store: MemoryStore, tmp_path: Path
) -> None:
    """The state is folded over private observations too; their text is found on request."""
    archive = open_archive(store, tmp_path / "home")
    assert _states(archive, Query("culvert")) == {
        "a": ("held", False),
        "b": ("present", False),
        "d": ("present", True),
        "e": ("present", True),
    }
    assert _states(archive, Query("culvert", state="present")).keys() == {"b", "d", "e"}
    assert _states(archive, Query("culvert", state="held")) == {"a": ("held", False)}
    assert _states(archive, Query("draft")) == _states(archive, Query("secret")) == {}
    assert _states(archive, Query("draft"), private=True) == {"a": ("held", True)}
    assert _states(archive, Query("culvert", state="held"), private=True).keys() == {"a", "c"}


def test_private_content_stays_out_of_public_hits(store: MemoryStore, tmp_path: Path) -> None:
    """What was not asked for lends a state, and no word of its content."""
    result = search(open_archive(store, tmp_path / "home"), Query())
    assert "draft" not in str(result.hits)
    assert "secret" not in str(result.hits)
    assert result.not_searched == {"comments": 2}
    assert result.unknown == 0


def test_as_of_holds_for_what_is_private_too(store: MemoryStore, tmp_path: Path) -> None:
    """Before a record turned private its state was what it was."""
    archive = open_archive(store, tmp_path / "home")
    assert _states(archive, Query("one", as_of="2026-11-21")) == {"a": ("present", True)}


def test_without_keys_a_state_is_unknown(store: MemoryStore, tmp_path: Path) -> None:
    """A home without keys says unknown of what may have turned private, and of no more."""
    archive = open_archive(store, tmp_path / "stranger")
    assert _states(archive, Query("culvert")) == {
        "a": ("unknown", None),
        "b": ("unknown", False),
        "d": ("unknown", None),
        "e": ("present", True),
    }
    result = search(archive, Query("culvert", state="present"))
    assert ([hit["text"] for hit in result.hits], result.unknown) == (["culvert five"], 3)
    assert _states(archive, Query("culvert", state="unknown")).keys() == {"a", "b", "d"}
    assert result.not_searched == {"private, no key here": 2}


def test_a_key_that_went_is_no_key(store: MemoryStore, tmp_path: Path) -> None:
    """A segment catalogued while its key was here counts as unread once the key is gone."""
    archive = open_archive(store, tmp_path / "home")
    assert _states(archive, Query("draft"), private=True)
    last = [one for one in read_state(archive).segments() if one.sensitivity == "private"][-1]
    for suffix in last.objects:
        archive.keys.shred(f"u/{last.unit}/{last.name}.{suffix}")
    result = search(archive, Query("culvert one"), private=True)
    assert [(hit["state"], hit["latest"]) for hit in result.hits] == [("unknown", None)]
    assert result.not_searched == {"comments": 1}
    assert _states(archive, Query(stream="posts")) == {"e": ("present", True)}
