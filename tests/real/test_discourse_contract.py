"""What stands in for Discourse, held against the forum software's published API description."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from archiver.demo.answer import Asked
from archiver.demo.discourse.api import life
from tests.real.discourse.openapi import Contract, document_in

if TYPE_CHECKING:
    from archiver.demo.discourse.api import Discourse

pytestmark = pytest.mark.real

DESCRIBED = (
    "admin/users/1.json", "admin/users/list/active.json?page=1", "c/5/show.json",
    "categories.json", "groups.json?page=0", "groups/streets/members.json", "latest.json?page=0",
    "posts.json", "posts/21.json", "site/basic-info.json", "t/11.json",
    "topics/private-messages-sent/clerk.json?page=0",
    "topics/private-messages/clerk.json?page=0",
)  # fmt: skip
"""What the connector asks of what is described; the rest is in the server's source alone."""


@pytest.fixture(scope="module")
def contract(pytestconfig: pytest.Config) -> Contract:
    """The published description, fetched once."""
    return Contract(document_in(pytestconfig.cache.mkdir("discourse")))


def told(forum: Discourse, target: str) -> object:
    """Return what the stand-in answers to the administrator's key."""
    key = {"api-key": forum.credential["key"], "api-username": "clerk"}
    answer = forum.answer(Asked("GET", f"{forum.path}/{target}", "http://x", key))
    assert answer is not None
    assert answer.status == 200
    return json.loads(answer.body)


@pytest.mark.parametrize("target", DESCRIBED)
def test_answers_are_as_described(contract: Contract, target: str) -> None:
    """Types of all members, and those that must be there, before and after a week."""
    forum = life()
    path = f"/{target.partition('?')[0]}"
    assert contract.path_of(path)
    assert contract.answer(path, told(forum, target)) == []
    forum.forum.change()
    assert contract.answer(path, told(forum, target)) == []


def test_the_description_refuses_what_is_not_in_it(contract: Contract) -> None:
    """The check itself finds what is missing, and what has another type."""
    good = told(life(), "c/5/show.json")
    assert isinstance(good, dict)
    category = good["category"]
    for bad in ({**category, "id": "five"}, {k: v for k, v in category.items() if k != "slug"}):
        assert contract.answer("/c/5/show.json", {"category": bad})
