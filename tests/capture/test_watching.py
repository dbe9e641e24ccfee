"""Signs of a take-over: what is one, and what is none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from archiver.capture.platforms import CONNECTORS
from archiver.capture.watching import Watched
from archiver.record import Kind, Stream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archiver.capture.watching import Watch

Row = dict[str, str]
KEY = bytes(32)
PAGE = {"stream": Stream.PROFILE, "native_id": "104007919", "kind": Kind.PRESENT, "name": "City"}
MAYOR = {"stream": Stream.PROFILE, "native_id": "role/1", "kind": Kind.PRESENT, "name": "Mayor"}


def watch(platform: str) -> Watch:
    """Return what is watched of a platform."""
    found: Watch = getattr(CONNECTORS[platform], "watch")  # noqa: B009 - no member of the protocol
    return found


def runs(platform: str, *batches: Sequence[Row]) -> list[list[tuple[str, str]]]:
    """Return the signs in each of some runs, what was seen being kept in between."""
    seen: dict[str, dict[str, str]] = {}
    told = []
    for rows in batches:
        watched = Watched(watch(platform), KEY, seen)
        told.append([(one.code, one.message) for row in rows for one in watched.take(row)])
        seen = json.loads(json.dumps(watched.document()))
    return told


def post(number: int, client: str, author: str = "", column: str = "extra") -> Row:
    """Return the row of a post that a program has sent."""
    about = {"application": {"name": client}} if client else {}
    said = {"author_id": author} if author else {}
    return {
        "stream": Stream.POSTS, "native_id": str(number), "kind": Kind.PRESENT,
        column: json.dumps(about), **said,
    }  # fmt: skip


def test_a_changed_profile_is_told_with_what_changed() -> None:
    """Not what it says now or said before; the same again is no news."""
    edited = PAGE | {"kind": Kind.EDITED, "name": "Citee", "text": "Buy coins"}
    extra = edited | {"extra": json.dumps({"website": "https://coins.example", "category": "x"})}
    first, second, third, fourth = runs("facebook", [PAGE], [edited], [extra], [extra, extra])
    assert first == fourth == []
    changed = "its profile was changed on the platform"
    assert second == [("account-profile-changed", f"{changed}: its name, its description")]
    assert third == [("account-profile-changed", f"{changed}: its web page")]


def test_rows_that_are_no_profile_alarm_nobody() -> None:
    """Settings, counts, another reading by a newer parser, and what a platform took away."""
    count = PAGE | {"native_id": "count"}
    anew = PAGE | {"name": "City of X", "generation_of": "some-observation"}
    gone = {"stream": Stream.PROFILE, "native_id": "104007919", "kind": Kind.ABSENT}
    assert runs("facebook", [PAGE, count], [count | {"name": "other"}, anew, gone], [PAGE])[1:] == [
        [], [],
    ]  # fmt: skip


def test_who_may_act_for_an_account_is_watched() -> None:
    """Somebody who comes or goes, once each; those of the first reading are known."""
    clerk, stranger = MAYOR | {"native_id": "role/2"}, MAYOR | {"native_id": "role/3"}
    went = MAYOR | {"kind": Kind.DELETED}
    told = runs("facebook", [MAYOR, clerk], [stranger, MAYOR], [stranger, went], [went])
    come, go = "somebody new may act for the account", "somebody may no longer act for it"
    code = "account-people-changed"
    assert told == [[], [(code, come)], [(code, go)], []]


def test_a_role_that_is_given_to_a_known_user_counts() -> None:
    """Of a blog's users only administrators are watched."""
    user = {"stream": Stream.SUBSCRIBERS, "native_id": "7", "kind": Kind.PRESENT}
    editor, chief = user | {"roles": '["editor"]'}, user | {"roles": '["administrator"]'}
    known = chief | {"native_id": "1"}
    told = runs("wordpress", [known, editor], [chief], [editor])
    assert [[code for code, _ in one] for one in told] == [[], *[["account-people-changed"]] * 2]


def test_a_program_that_never_sent_a_post_is_told_once() -> None:
    """Of the account's own posts; those of others, and posts of no program, tell nothing."""
    first = [PAGE, post(1, "Desk", "104007919")]
    strange, others = post(2, "Coins", "104007919"), post(3, "Phone", "555")
    told = runs("facebook", first, [strange, others, post(4, "")], [post(5, "Coins"), *first])
    words = "a program that never sent a post for it has sent one: Coins"
    assert told == [[], [("account-client-unknown", words)], []]


def test_the_first_programs_are_a_beginning() -> None:
    """Nothing was seen before, so nothing is new."""
    assert runs("facebook", [PAGE], [post(1, "Desk")], [post(2, "Phone")]) == [
        [], [], [("account-client-unknown",
                  "a program that never sent a post for it has sent one: Phone")],
    ]  # fmt: skip


def test_each_platform_names_programs_in_its_own_place() -> None:
    """X by a text, Mastodon in what does not change a post; odd shapes say nothing."""
    said = post(1, "", column="volatile") | {"volatile": '{"source":"Desk"}'}
    other = said | {"native_id": "2", "volatile": '{"source":"Coins"}'}
    assert [len(one) for one in runs("x", [said], [other], [other])] == [0, 1, 0]
    tusk = [post(1, "Web", column="volatile")], [post(2, "Tusk", column="volatile")]
    assert [len(one) for one in runs("mastodon", *tusk)] == [0, 1]
    for odd in ("[]", "x", '{"application":7}', '{"application":{"name":[]}}', "[" * 9000):
        assert runs("facebook", [post(1, "Desk")], [post(2, "") | {"extra": odd}])[1] == []


def test_what_is_kept_confirms_nothing() -> None:
    """Names and texts are there as digests with a key of the home."""
    watched = Watched(watch("facebook"), KEY, {})
    rows = [PAGE, MAYOR, post(1, "Desk")]
    assert [one for row in rows for one in watched.take(row)] == []
    kept = json.dumps(watched.document())
    assert not any(word in kept for word in ("City", "Mayor", "Desk", "role/1"))
    other = Watched(watch("facebook"), bytes([1] * 32), {})
    assert [one for row in rows for one in other.take(row)] == []
    assert other.document() != watched.document()
