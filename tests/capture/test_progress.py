"""How far a run came, as bytes: what was kept is what is taken up, and nothing else is."""

from __future__ import annotations

import pytest

from archiver.capture.items import Follow, Listing
from archiver.capture.progress import Progress, decoded, encoded
from archiver.capture.settled import Counts
from archiver.record import Request

LISTING = Listing(
    "replies 1", "comments", Request("https://api.example/1", carried="x"), "public", "replies 1",
    stated=3, shows=("media",),
)  # fmt: skip
LED = Follow("listing", "comments", listing=LISTING, always=True)
FILE = Follow("file", "media", "7", "public", Request("https://cdn.example/7"), size=9)


def led() -> Progress:
    """Return a run that read a list of three comments, which led to two requests."""
    found, counts = Progress(keeps=True), {"comments": Counts()}
    found.begin(counts)
    found.lead("replies 1", LED)
    found.lead("media 7", FILE)
    counts["comments"] = Counts(reported=3, seen=3, new=3, whole=1)
    found.finish([Listing("comments", "comments", Request(""), "public", "comments")], {}, counts)
    return found


def test_what_was_kept_is_taken_up() -> None:
    """Requests with all they carry, in order; counts of lists from what is done alone."""
    found = led()
    found.finish_file("media 7", "forbidden: no", "lacking: ")
    found.moved.add(("comments", "1"))
    now = {"comments": Counts(reported=9, seen=9, new=5, whole=4, broken=2)}
    taken = decoded(encoded(found, now))
    assert taken is not None
    assert taken.left == {"replies 1": LED}
    assert taken.done == {"comments", "media 7"}
    assert taken.incomplete == {"media 7": "lacking: forbidden: no"}
    assert taken.counts == {"comments": Counts(reported=3, seen=3, new=5, whole=1)}
    assert taken.moved == {("comments", "1")}
    assert taken.has([LISTING]) is False


def test_what_may_pass_is_not_done() -> None:
    """Nor is a file that a quota refused, nor a list of which something could not be asked."""
    found, counts = led(), {"comments": Counts(broken=1)}
    found.finish([LISTING], {"replies 1": "transient: 500"}, counts)
    found.finish_file("media 7", "quota: used up", "lacking: ")
    assert set(found.left) == {"replies 1", "media 7"}
    found.unsettled.add("replies 1")
    found.finish([LISTING], {}, counts)
    assert "replies 1" in found.left
    assert found.counts["comments"].broken == 0


@pytest.mark.parametrize("data", [b"", b"\xc1", b"\x80", b"\x81\xa4done\x01", b"\x90"])
def test_what_can_not_be_read_is_as_good_as_none(data: bytes) -> None:
    """Everything is read again."""
    assert decoded(data) is None
