"""Proofs of sealed records: what is withheld is in no part of them, and every one holds."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from archiver.capture.settled import Settled
from archiver.errors import IntegrityError, RefusedError, UsageError
from archiver.flows import prove as module
from archiver.flows.ledger import read_state
from archiver.flows.prove import check_proof, prove
from archiver.flows.sealed import sealed_records
from archiver.flows.settle import seal_settled
from archiver.ids import new_uuid
from archiver.ledger.checkpoint import split_note
from archiver.ledger.cosignature import cosign
from archiver.ledger.folding import needles_of, spans
from archiver.ledger.proof import Proof
from archiver.ledger.tree import inclusion_path
from archiver.record import Excerpt, Observation
from tests.doubles import SeededRandomness
from tests.flows.helpers import ACCOUNT, IDENTITY, founded, open_archive
from tests.ledger.cosigner import cosigners
from tests.ledger.note_signer import MemorySigner

if TYPE_CHECKING:
    from pathlib import Path

    from archiver.flows.archive import Archive

ROW = {
    "state": "approved",
    "url": "https://city.example/call-555%2D0142/",
    "title": "ZAJĄCZKOWSKI 5550142",
    "text": "Call Zajączkowski, 555-0142, or 555\N{NON-BREAKING HYPHEN}0142, before noon.",
    "author_name": "Zaja\u0328czkowski",
    "created_at": "2026-11-20T08:00:00.000000Z",
    "extra": '{"tel":"555&#45;0142"}',
}
RECORD = "stand-in:city:comments:17"
PAGE = "https://city.example/storm-damage/#comment-17"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """An archive with two comments; the second has a name in its record id."""
    home = tmp_path_factory.mktemp("proofs")
    made = open_archive(founded(home), home)
    for native_id in ("17", "guid-jane-doe"):
        seal(made, native_id)
    return made


def seal(archive: Archive, native_id: str, platform: str = "stand-in", **more: str) -> None:
    """Seal one comment; ``more`` are further fields of its row."""
    observation = Observation(
        platform=platform,
        account="city",
        stream="comments",
        native_id=native_id,
        kind="present",
        sensitivity="public",
        captured_at="2026-11-20T09:00:00.000000Z",
        excerpts=(Excerpt("item", json.dumps(ROW).encode()),),
        row=ROW | more,
        parser="stand-in/1",
        page_url=PAGE,
    )
    settled = Settled(observations=[(new_uuid(SeededRandomness(native_id)), observation)])
    seal_settled(archive, read_state(archive), ACCOUNT, settled)


def opened_values(proof: dict[str, Any]) -> list[str]:
    """Return everything that a proof shows in words."""
    checked = check_proof(json.dumps(proof).encode(), IDENTITY.keys)
    lines = [line.partition(": ")[2] for line in checked.context]
    return [proof["record"], *lines, *checked.fields.values()]


@pytest.mark.parametrize("fields", [(), ("text", "url", "title", "extra", "author_name")])
@pytest.mark.parametrize("sought", ["555-0142", "5550142", "zajączkowski", "ZAJA\u0328CZKOWSKI"])
def test_no_part_shows_what_is_withheld(
    archive: Archive, sought: str, fields: tuple[str, ...]
) -> None:
    """In every spelling, in every field and header line: it is not in the proof."""
    proof = prove(archive, RECORD, withhold=[sought], fields=fields)
    assert not any(spans(text, needles_of(sought)) for text in opened_values(proof))
    assert "root" in proof["source"]
    shown = check_proof(json.dumps(proof).encode(), IDENTITY.keys)
    assert shown.record == RECORD
    assert shown.fields["text"].startswith("Call ")
    assert shown.withheld_words >= 1


@pytest.mark.parametrize("fields", [(), ("text", "extra", "attachments", "volatile")])
def test_a_digest_stays_closed_where_something_is_withheld(
    archive: Archive, fields: tuple[str, ...]
) -> None:
    """A CID is made of the withheld words: who guesses them could try. Other fields open."""
    more = {"extra": '{"cid":"bafy"}', "attachments": '[{"cid":"bafy"}]', "volatile": '{"n":1}'}
    seal(archive, f"d{len(fields)}", "bluesky", **more)
    proof = prove(
        archive, f"bluesky:city:comments:d{len(fields)}", withhold=["555-0142"], fields=fields
    )
    assert "bafy" not in json.dumps(proof)
    assert len(check_proof(json.dumps(proof).encode(), IDENTITY.keys).fields) > 1


def test_header_lines_are_searched(archive: Archive) -> None:
    """A text that only a header line has is withheld there, and the line is counted closed."""
    proof = prove(archive, RECORD, withhold=["Storm Damage"])
    assert "storm" not in json.dumps(proof)
    whole = check_proof(json.dumps(prove(archive, RECORD)).encode(), IDENTITY.keys)
    checked = check_proof(json.dumps(proof).encode(), IDENTITY.keys)
    assert set(whole.context) - set(checked.context) >= {f"Archive-Page: {PAGE}"}
    assert checked.withheld_lines == len(whole.context) - len(checked.context)


@pytest.mark.parametrize("sought", ["Jane Doe", "JANE\N{NON-BREAKING HYPHEN}DOE", "stand-in"])
def test_a_record_id_can_not_be_withheld(archive: Archive, sought: str) -> None:
    """A proof always names its record, so what the id says is refused, not half withheld."""
    with pytest.raises(RefusedError) as caught:
        prove(archive, "stand-in:city:comments:guid-jane-doe", withhold=[sought])
    assert caught.value.code == "withhold-impossible"
    assert caught.value.exit_code == 1


@pytest.mark.parametrize("texts", [["555-9999"], ["555-0142", "555-9999"], ["\N{EM DASH}"], [""]])
def test_each_text_must_be_there(archive: Archive, texts: list[str]) -> None:
    """A text that is nowhere, or that has no letter or digit, is a mistake and is told."""
    with pytest.raises(UsageError) as caught:
        prove(archive, RECORD, withhold=texts)
    assert caught.value.code == "withhold-nothing"
    assert caught.value.where == texts[-1]


def test_a_whole_proof_shows_all(archive: Archive) -> None:
    """With nothing withheld every excerpt, header line and field is open."""
    checked = check_proof(json.dumps(prove(archive, RECORD)).encode(), IDENTITY.keys)
    assert checked.fields == ROW
    assert (checked.record, checked.kind, checked.excerpts) == (RECORD, "present", 1)
    hidden = (checked.withheld_words, checked.withheld_fields, checked.withheld_lines)
    assert hidden == (0, 0, 0)
    assert checked.index == sealed_records(archive, RECORD)[0].index


def test_single_fields_open(archive: Archive) -> None:
    """Only the fields asked for are open; the bytes received and their length are not."""
    checked = check_proof(
        json.dumps(prove(archive, RECORD, fields=["state"])).encode(), IDENTITY.keys
    )
    assert checked.fields == {"state": "approved"}
    assert checked.withheld_fields == len(ROW) - 1
    assert checked.excerpts == 0
    assert not any(line.startswith("Content-Length") for line in checked.context)


def test_a_row_that_differs_is_not_proven(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row that is not what was committed gives no proof at all, rather than a broken one."""
    true = sealed_records(archive, RECORD)
    for change in ({"text": "I took the bribe."}, {"language": "en"}):
        forged = [replace(one, row=one.row | change) for one in true]
        monkeypatch.setattr(module, "records_to_show", lambda *_, forged=forged: forged)
        with pytest.raises(IntegrityError, match="the proof made doesn't hold"):
            prove(archive, RECORD)


def test_another_key_gives_no_proof(archive: Archive) -> None:
    """An archive whose checkpoint is not its own proves nothing."""
    stranger = MemorySigner("stranger.example/log")
    other = replace(archive, identity=replace(IDENTITY, keys=[stranger.verifier_key]))
    with pytest.raises(IntegrityError):
        prove(other, RECORD)


def test_what_a_gap_brings_together_closes_as_a_whole(archive: Archive) -> None:
    """Words on both sides of a withheld one may say what is withheld: then none is shown."""
    seal(archive, "gap", text="Call 555 Jane 0142")
    proof = prove(archive, "stand-in:city:comments:gap", withhold=["Jane", "555-0142"])
    checked = check_proof(json.dumps(proof).encode(), IDENTITY.keys)
    assert "text" not in checked.fields
    assert "state" in checked.fields


def test_the_latest_observation_is_not_the_last_sealed(archive: Archive) -> None:
    """A newer generation of what was seen first is sealed last, and is no later observation."""
    (one,) = sealed_records(archive, RECORD)
    days = {"10": 1, "12": 2, "11": 3}
    first, second, between = (
        replace(one, index=index, row={**one.row, "captured_at": f"2026-11-{day}T09:00:00.000000Z"})
        for day, index in days.items()
    )
    again = replace(first, index=4)
    assert module._chosen([first, second, between, again], "") == second
    assert module._chosen([first, again], "") == again


def bare(tree: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return a disclosed tree without the leaves that it opens, but for texts opened in part."""
    if isinstance(tree, list):
        return [bare(one) for one in tree if not isinstance(one, dict) or "tokens" in one]
    return {key: bare(value) for key, value in tree.items()} if isinstance(tree, dict) else tree


def in_a_million(tlog_proof: str) -> str:
    """Return a proof as long as one in a log of 10^6 entries, cosigned by two Ed25519 keys."""
    note = Proof.parse(tlog_proof.encode()).note
    text = split_note(note)[0]
    path = inclusion_path(2**19 + 1, 10**6, lambda *_: bytes(range(32)))
    assert len(path) == 20
    lines = [cosign(text, cosigners(f"w{one}.county.example.gov")[0], 10**9) for one in (1, 2)]
    return Proof(2**19 + 1, tuple(path), note + b"".join(lines)).build().decode()


@pytest.mark.parametrize("withhold", [(), ("one",), ("one", "two")])
@pytest.mark.parametrize("fields", [(), ("text",), ("title", "url")])
def test_a_proof_is_small(tmp_path: Path, fields: tuple[str, ...], withhold: list[str]) -> None:
    """Less than 4 KB beside what it opens, in a log of a million entries, of 2,000 words too."""
    archive = open_archive(founded(tmp_path), tmp_path)
    words = ["word"] * 2000
    words[700], words[1400] = "one", "two"
    seal(archive, "17", text=" ".join(words))
    proof = prove(archive, RECORD, fields=fields, withhold=withhold)
    proof["tlog_proof"] = in_a_million(proof["tlog_proof"])
    assert len(json.dumps(bare(proof), ensure_ascii=False, indent=1)) < 4096
