"""What a witness is asked and decides, by every rule of the protocol."""

from __future__ import annotations

from hashlib import sha256

import pytest

from archiver.errors import FormatError
from archiver.ledger.checkpoint import Checkpoint, sign_note
from archiver.ledger.tree import Frontier, consistency_path, leaf_hash, memory_reader
from archiver.ledger.witness import (
    MAX_REQUEST,
    MOST_HASHES,
    SIZE_TYPE,
    AddCheckpoint,
    Reply,
    judge,
    known_log,
)
from tests.ledger.note_signer import MemorySigner

ORIGIN = "archive.example/log"
LOG = MemorySigner(ORIGIN)
LOGS = {ORIGIN: [LOG.verifier_key]}
HASHES = [leaf_hash(bytes([one])) for one in range(20)]
FORK = [*HASHES[:5], leaf_hash(b"forged"), *HASHES[6:]]


def head(size: int, hashes: list[bytes] = HASHES) -> Checkpoint:
    """Return the checkpoint of the first leaves."""
    return Checkpoint(ORIGIN, size, Frontier.empty().extend(hashes[:size]).root())


def asked(old: int, new: int, hashes: list[bytes] = HASHES) -> AddCheckpoint:
    """Return a request with its true proof."""
    path = consistency_path(old, new, memory_reader(hashes)) if 0 < old < new else []
    return AddCheckpoint(old, tuple(path), sign_note(head(new, hashes).body(), LOG))


def status(request: AddCheckpoint, new: Checkpoint, latest: Checkpoint | None) -> int:
    """Return the status of the answer; 200 where it may be cosigned."""
    found = judge(request, new, latest)
    return 200 if found is None else found.status


def test_a_request_comes_back() -> None:
    """A request is parsed as it was written."""
    for old, new in ((0, 1), (0, 20), (1, 2), (7, 20), (8, 20), (20, 20)):
        request = asked(old, new)
        assert AddCheckpoint.parse(request.encode()) == request


def test_growth_is_cosigned() -> None:
    """From every size to every larger one, and again at the same size, nothing is refused."""
    for old in range(21):
        for new in range(max(old, 1), 21):
            assert status(asked(old, new), head(new), head(old) if old else None) == 200


def test_every_fork_is_refused() -> None:
    """No tree that differs in a leaf the witness has seen is cosigned, whatever the proof."""
    for old in range(6, 21):
        for new in range(old, 21):
            forged = head(new, FORK)
            for request in (asked(old, new), asked(old, new, FORK)):
                assert status(request, forged, head(old)) in {409, 422}
            assert status(asked(0, new, FORK), forged, head(old)) == 409


def test_a_rollback_is_told_the_size() -> None:
    """An older checkpoint, or a stale old size, is answered 409 with the latest size."""
    for request, new in ((asked(0, 5), 5), (asked(5, 10), 10), (asked(3, 20), 20)):
        refused = judge(request, head(new), head(12))
        assert refused == Reply(409, b"12\n", SIZE_TYPE)


def test_an_old_size_beyond_the_new() -> None:
    """An old size larger than the checkpoint's is a bad request."""
    assert status(AddCheckpoint(12, (), b""), head(5), head(12)) == 400


def test_two_roots_of_one_size() -> None:
    """Another root for the size last cosigned is a conflict."""
    assert status(asked(12, 12, FORK), head(12, FORK), head(12)) == 409


@pytest.mark.parametrize("spoil", ["drop", "add", "swap", "flip", "none"])
def test_a_bad_proof(spoil: str) -> None:
    """A proof with a hash too few, too many, swapped or changed does not hold."""
    good = asked(7, 20)
    path = {
        "drop": good.path[:-1],
        "add": (*good.path, good.path[0]),
        "swap": (good.path[1], good.path[0], *good.path[2:]),
        "flip": (bytes([good.path[0][0] ^ 1]) + good.path[0][1:], *good.path[1:]),
        "none": (),
    }[spoil]
    assert status(AddCheckpoint(7, path, good.note), head(20), head(7)) == 422


def test_a_proof_where_none_belongs() -> None:
    """The first checkpoint of a log comes with an empty proof."""
    assert status(AddCheckpoint(0, (HASHES[0],), b""), head(5), None) == 422


def test_whose_checkpoint_it_is() -> None:
    """404 for an unknown log, 403 without a good signature of the known one, 400 for no note."""
    other = MemorySigner("other.example")
    body = Checkpoint("other.example", 1, HASHES[0]).body()
    stranger = MemorySigner(ORIGIN, "another key")
    bad = bytearray(asked(0, 5).note)
    bad[-10] ^= 1
    answers = [
        known_log(note, LOGS)
        for note in (
            sign_note(body, other),
            sign_note(head(5).body(), stranger),
            sign_note(head(5).body(), other),
            b"no note",
            sign_note(b"two\nlines\n", LOG),
        )
    ]
    statuses = [one.status if isinstance(one, Reply) else 200 for one in answers]
    assert statuses == [404, 403, 403, 400, 400]
    spoilt = known_log(bytes(bad), LOGS)
    assert isinstance(spoilt, Reply)
    assert spoilt.status in {400, 403}
    assert known_log(asked(0, 5).note, LOGS) == head(5)


NOTE = asked(0, 5).note


@pytest.mark.parametrize(
    "body",
    [
        b"",
        NOTE,
        b"old 5\n" + NOTE,
        b"old -1\n\n" + NOTE,
        b"old 05\n\n" + NOTE,
        b"old 5 \n\n" + NOTE,
        b"Old 5\n\n" + NOTE,
        b"old 99999999999999999999\n\n" + NOTE,
        b"old 5\nAAAA\n\n" + NOTE,
        b"old 5\nnot base64\n\n" + NOTE,
        b"old 5\n\xff\n\n" + NOTE,
        b"old 5\n" + b"".join(b"A" * 43 + b"=\n" for _ in range(MOST_HASHES + 1)) + b"\n" + NOTE,
        b"old 5\n\n" + b"x" * MAX_REQUEST,
    ],
)
def test_what_is_no_request(body: bytes) -> None:
    """Anything that is not exactly a request is refused."""
    with pytest.raises(FormatError):
        AddCheckpoint.parse(body)


def test_no_bytes_raise_anything_else() -> None:
    """Every byte of a request may be changed: it is parsed or refused, and never cosigned wrong."""
    good = asked(7, 20)
    data = good.encode()
    for place in range(len(data)):
        spoilt = bytearray(data)
        spoilt[place] ^= 1 << sha256(bytes([place % 256])).digest()[0] % 8
        try:
            request = AddCheckpoint.parse(bytes(spoilt))
        except FormatError:
            continue
        found = known_log(request.note, LOGS)
        if isinstance(found, Checkpoint):
            assert found == head(20)
            refused = judge(request, found, head(7))
            assert refused is not None or request.path == good.path
