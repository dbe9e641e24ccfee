"""Findings go to terminals, logs and schedulers: what is private is not told in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from archiver.capture.settled import Settled
from archiver.flows import segments
from archiver.flows.ledger import read_state
from archiver.flows.settle import seal_settled
from archiver.flows.verify import verify
from archiver.formats import warc
from archiver.ids import new_uuid
from archiver.record import Excerpt, Observation
from archiver.registry.accounts import ACCOUNT_DOCUMENT
from archiver.registry.documents import PERSON
from tests.flows.helpers import ACCOUNT, Quiet, founded, open_archive

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


def _other_kind(patch: pytest.MonkeyPatch) -> None:
    """Have rows say another kind than the records they are of."""
    real = segments._context_columns

    def changed(observation: Observation, uuid: str) -> Mapping[str, str]:
        return real(observation, uuid) | {"kind": "edited"}

    patch.setattr(segments, "_context_columns", changed)


def _unescaped(patch: pytest.MonkeyPatch) -> None:
    """Have header values written as they came."""
    patch.setattr(warc, "escaped", lambda text: text)


def _nothing(patch: pytest.MonkeyPatch) -> None:
    """Write what is sealed as always: the document itself is none."""
    del patch


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_other_kind, "row-context"),
        (_unescaped, "record-unreadable"),
        (_nothing, "row-derived"),
    ],
)
def test_no_private_word_is_in_a_finding(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[pytest.MonkeyPatch], None],
    code: str,
) -> None:
    """Whatever is wrong with a private record, its words, ids and addresses stay in it."""
    archive = open_archive(founded(tmp_path / "home"), tmp_path / "home")
    native_id, parser = f"{PERSON}/jane.doe", "stand-in/1"
    if code == "row-derived":  # an error that quotes what it can't read
        native_id, parser = ACCOUNT_DOCUMENT, "document/1"
    one = Observation(
        platform="stand-in", account="city", stream="workflow", native_id=native_id,
        kind="present", sensitivity="private", captured_at="2026-11-20T09:00:00.000000Z",
        excerpts=(Excerpt("document", b'{"Jane Doe":"555-0142"}'),), row={"title": "Jane Doe"},
        parser=parser, page_url="https://city.example/Jane\\Doe",
    )  # fmt: skip
    with monkeypatch.context() as patch:
        change(patch)
        made = Settled(observations=[(new_uuid(archive.chance), one)])
        seal_settled(archive, read_state(archive), ACCOUNT, made)
    findings = verify(archive, Quiet(), deep=True).findings
    assert code in [one.code for one in findings]
    said = str(findings).casefold()
    assert not any(word in said for word in ("jane", "doe", "555"))
