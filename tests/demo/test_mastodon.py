"""Tests of the stand-in Mastodon: its verbs, its pages, what it shows to whom."""

from __future__ import annotations

import json
from typing import Any

import pytest

from archiver.demo.answer import Answer, Asked
from archiver.demo.mastodon.api import Mastodon
from archiver.demo.mastodon.instance import Instance
from archiver.demo.mastodon.seed import Town
from archiver.demo.mastodon.truth import differences, truth
from archiver.errors import UsageError
from archiver.record import Stream

BASE = "https://social.example"


def ask(api: Mastodon, target: str, *, login: bool = True) -> Answer:
    """Ask below ``/api/v1/``, as the city or as anybody."""
    headers = {"authorization": f"Bearer {api.token}"} if login else {}
    answer = api.answer(Asked("GET", f"/api/v1/{target}", BASE, headers))
    assert answer is not None
    return answer


def read(api: Mastodon, target: str, *, login: bool = True) -> Any:  # noqa: ANN401 - any JSON value
    """Return the document that a good answer has."""
    answer = ask(api, target, login=login)
    assert answer.status == 200
    return json.loads(answer.body)


def test_town_is_always_the_same() -> None:
    """Two towns are equal, before and after the week."""
    one, other = Town(), Town()
    assert truth(one) == truth(other)
    assert one.change() == other.change()
    assert truth(one) == truth(other)


def test_week_changes_every_stream_in_every_way() -> None:
    """There are additions, edits, deletions and absences, and every stream has some."""
    town = Town()
    before = truth(town)
    told = town.change()
    assert told == differences(before, truth(town))
    assert set(told) == set(Stream) - {Stream.WORKFLOW, Stream.PAGES}
    kinds = {kind for things in told.values() for kind in things.values()}
    assert kinds == {"present", "edited", "deleted", "absent"}


def test_deleted_status_takes_along_what_hung_on_it() -> None:
    """Boosts, likes, notifications and files go; answers stay and answer nothing."""
    here = Instance()
    ann, picture = here.join("ann", "Ann"), here.upload("A culvert")
    post = here.post(here.city.id, "Hi", media=(picture.id,))
    answer = here.post(ann.id, "@quillwater hello", answers=post.id)
    boost = here.boost(ann.id, post.id)
    here.like(ann.id, post.id)
    kinds = [one.kind for one in here.notices.values()]
    assert kinds == ["mention", "reblog", "favourite"]
    here.delete(post.id)
    assert (answer.answers, here.media) == (0, {})
    assert boost.id not in here.statuses
    assert [one.kind for one in here.notices.values()] == ["mention"]


def test_likes_and_relations_are_taken_back_with_their_notifications() -> None:
    """What is undone leaves no notification."""
    here = Instance()
    ann = here.join("ann", "Ann")
    post = here.post(here.city.id, "Hi")
    here.like(ann.id, post.id)
    here.relate("follow", ann.id, here.city.id)
    assert len(here.notices) == 2
    here.unlike(ann.id, post.id)
    here.unrelate("follow", ann.id, here.city.id)
    assert (here.notices, post.likes, here.relations) == ({}, {}, {})


def test_conversations_are_kept_apart_by_people_and_thread() -> None:
    """An answer belongs to its conversation, another letter begins one; both end with the last."""
    here = Instance()
    ann, city = here.join("ann", "Ann"), here.city.id
    first = here.post(ann.id, "@quillwater hello", visibility="direct")
    here.post(city, "@ann hello", answers=first.id, visibility="direct")
    other = here.post(ann.id, "@quillwater again", visibility="direct")
    assert len(here.talks) == 2
    here.delete(other.id)
    assert len(here.talks) == 1


def test_pages_are_linked_and_hold_everything_once() -> None:
    """Following ``next`` gives every status once, newest first."""
    town = Town()
    api, found = Mastodon(town, most=7), []
    target = f"accounts/{town.city.id}/statuses?limit=40"
    while target:
        answer = ask(api, target)
        page = [int(one["id"]) for one in json.loads(answer.body)]
        assert len(page) <= 7
        found += page
        links = dict(answer.headers).get("Link", "").split(", ")
        further = [one for one in links if one.endswith('rel="next"')]
        target = further[0].partition(">")[0].partition("/api/v1/")[2] if further else ""
    own = [one.id for one in town.statuses.values() if one.author == town.city.id]
    assert found == sorted(own, reverse=True)


def test_strangers_see_what_is_public() -> None:
    """No letters, no listings of the city's own, no more than a piece of a thread."""
    town = Town()
    api = Mastodon(town)
    shown = read(api, f"accounts/{town.city.id}/statuses", login=False)
    assert {one["visibility"] for one in shown} <= {"public", "unlisted"}
    assert "favourited" not in shown[0]
    letter = next(one.id for one in town.statuses.values() if one.visibility == "direct")
    assert ask(api, f"statuses/{letter}", login=False).status == 404
    for target in ("notifications", "conversations", "blocks", "scheduled_statuses"):
        assert ask(api, target, login=False).status == 422
    post = town.post(town.city.id, "Long")
    for _ in range(70):
        town.post(town.residents[0], "and on", answers=post.id)
    target = f"statuses/{post.id}/context"
    assert len(read(api, target, login=False)["descendants"]) == 60
    assert len(read(api, target)["descendants"]) == 70


def test_only_the_city_reads_its_letters() -> None:
    """A letter between others is nobody else's, and a revoked token is nobody's."""
    town = Town()
    api = Mastodon(town)
    name = town.people[town.residents[1]].name
    other = town.post(town.residents[0], f"@{name} psst", visibility="direct")
    assert ask(api, f"statuses/{other.id}").status == 404
    old = {"authorization": f"Bearer {api.token}"}
    api.revoke()
    refused = api.answer(Asked("GET", "/api/v1/notifications", BASE, old))
    assert refused is not None
    assert refused.status == 401
    assert ask(api, "notifications").status == 200


def test_requests_are_limited_by_window() -> None:
    """So many pass, one is refused with the time of the next window, and then they pass again."""
    api = Mastodon(Town())
    api.allow(2)
    answers = [ask(api, "blocks") for _ in range(4)]
    assert [one.status for one in answers] == [200, 200, 429, 200]
    assert dict(answers[0].headers)["X-RateLimit-Remaining"] == "1"
    assert dict(answers[2].headers)["X-RateLimit-Reset"].endswith("Z")


@pytest.mark.parametrize(
    "target",
    ["statuses/1", "statuses/x/context", "accounts/1/statuses", "accounts/lookup?acct=nobody",
     "notifications/1", "nothing", "statuses/1/nothing"],
)  # fmt: skip
def test_what_is_not_there_is_refused(target: str) -> None:
    """404 in Mastodon's words."""
    answer = ask(Mastodon(Town()), target)
    assert (answer.status, json.loads(answer.body)) == (404, {"error": "Record not found"})


def test_other_addresses_are_not_its_own() -> None:
    """What is not the API's is left to others, but for files, which may be gone."""
    api = Mastodon(Town())
    assert api.answer(Asked("GET", "/feed", BASE)) is None
    lost = api.answer(Asked("GET", "/system/media_attachments/files/7/original/x.png", BASE))
    assert lost is not None
    assert lost.status == 404


def test_verbs_refuse_what_is_not_there() -> None:
    """A verb on something unknown raises `UsageError`."""
    here = Instance()
    for act in (
        lambda: here.edit(1, "x"),
        lambda: here.delete(1),
        lambda: here.like(1, 1),
        lambda: here.unrelate("block", 1, 2),
    ):
        with pytest.raises(UsageError):
            act()
