"""Which contents of threads are lacking, and how soon a thread has to be looked at again."""

from __future__ import annotations

from archiver.capture.known import Known, KnownRecord
from archiver.capture.readable import Readable, Unread, unread

LETTERS = Readable("messages", "messages", 3)


def known(**records: tuple[str, str, str]) -> Known:
    """Return what is known: native id -> group, state, time of that day; ``_`` stands for ``/``."""
    return Known(
        {
            ("messages", name.replace("_", "/")): KnownRecord(
                state, b"", "uuid", group, "private", "x/1", "", f"2026-11-20T{at}:00.000000Z",
                f"2026-11-20T{at}:00.000000Z", (),
            )
            for name, (group, state, at) in records.items()
        },
        bytes(32),
    )  # fmt: skip


def listed(at: str, thread: str = "t1") -> tuple[str, str, str]:
    """Return a thing that a thread lists."""
    return (f"messages {thread}", "present", at)


def test_what_was_shown_or_told_is_not_lacking() -> None:
    """A refusal is no content; an event is one, and so is what was read earlier."""
    found = unread(
        known(
            a=listed("09:00"), a_content=("content a", "present", "09:00"),
            b=listed("09:01"), b_content=("content b", "hidden", "09:01"),
            c=listed("09:02"), c_event_1=("events", "present", "09:02"),
            d=listed("09:03", "t2"),
            e_content=("content e", "present", "09:00"), talk=("conversations", "present", "09:09"),
        ),
        LETTERS,
    )  # fmt: skip
    assert found == Unread(listed=4, lacking=2, threads=2, seconds=None)


def test_how_soon_is_by_the_fastest_thread() -> None:
    """After three more a thing can be read no more: 5 minutes in one thread, 2 in the other."""
    slow = {f"a{n}": listed(at) for n, at in enumerate(["09:00", "09:02", "09:03", "09:05"])}
    assert unread(known(**slow), LETTERS).seconds == 300
    fast = {
        f"b{n}": listed(at, "t2")
        for n, at in enumerate(["10:00", "11:00", "11:01", "11:02", "11:02"])
    }
    assert unread(known(**slow, **fast), LETTERS).seconds == 120
    assert unread(known(), LETTERS) == Unread(0, 0, 0, None)
