"""The stand-in Facebook answers nothing that Meta's published contract does not have."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import pytest

from archiver.capture.platforms.facebook import listings, nodes
from archiver.capture.platforms.graph import threads
from archiver.demo.answer import Answer, Asked
from archiver.demo.facebook.fieldlist import parse
from tests.demo.facebook import staged
from tests.edges.store_helpers import memory_folder
from tests.real.facebook.checking import (
    BESIDE,
    check_error,
    check_list,
    check_node,
    is_published,
)
from tests.real.facebook.oracle import Contract

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.demo.facebook.api import Facebook

pytestmark = pytest.mark.real

CLASSES = {
    "PAGE": "Page", "DETAILS": "Page", "POST": "PagePost", "COMMENT": "Comment",
    "REACTION": "Profile", "STORY": "Stories", "LIVE": "LiveVideo", "PHOTO": "Photo",
    "VIDEO": "AdVideo", "ALBUM": "Album", "RATING": "Recommendation", "BLOCKED": "Profile",
    "SETTING": "PageSettings", "ROLE": "User",
}  # fmt: skip
EDGES = {"REACTION": "reactions"}
DEBUG = "debug_token"


@pytest.fixture(scope="module")
def contract(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    """What facebook-business 26.0.3 publishes."""
    requirements = Path(__file__).parent / "facebook" / "requirements.txt"
    return Contract.install(tmp_path_factory.getbasetemp() / "facebook-contract", requirements)


@pytest.fixture(scope="module")
def answered() -> Iterator[list[tuple[Asked, Answer]]]:
    """Every answer of whole captures before and after a week, and of refusals."""
    with memory_folder() as folder, staged(folder) as stage:
        seen = _listen(stage.service)
        stage.service.inline = False
        stage.capture("backfill")
        stage.service.inline = True
        stage.page.change()
        stage.capture("backfill")
        stage.service.proof_needed = False
        stage.service.allow(3)
        _ask(stage.service, *["me?fields=id,name"] * 5)
        stage.service.allow(1000)
        stage.service.scopes.clear()
        _ask(stage.service, f"{stage.page.city.id}/feed?fields=id", "404404", "me?fields=(")
        stage.service.refuse(463, "Session has expired")
        _ask(stage.service, "me")
        yield seen


def _listen(service: Facebook) -> list[tuple[Asked, Answer]]:
    seen: list[tuple[Asked, Answer]] = []
    original = service.answer

    def answer(asked: Asked) -> Answer | None:
        given = original(asked)
        if given is not None and not asked.path.startswith("/cdn/"):
            seen.append((asked, given))
        return given

    service.answer = answer  # type: ignore[method-assign]
    return seen


def _ask(service: Facebook, *targets: str) -> None:
    login = {"authorization": f"Bearer {service.token}"}
    for target in targets:
        service.answer(Asked("GET", f"/v26.0/{target}", "http://graph.example", login))


def _class_of(number: str, page: str, body: dict[str, Any]) -> str:
    """Return the class of a node, by what the stand-in has under its number."""
    if number in {"me", page}:
        return "Page"
    if number.startswith("t_"):
        return "UnifiedThread"
    if number.startswith("m_"):
        return ""
    marks = {"alt_text": "Photo", "length": "AdVideo", "live_views": "LiveVideo", "type": "Album"}
    found = [name for mark, name in marks.items() if mark in body]
    return found[0] if found else "Comment" if "is_private" in body else "PagePost"


def test_every_answer_is_one_of_the_contract(
    contract: Contract, answered: list[tuple[Asked, Answer]]
) -> None:
    """No unknown field, no wrong type, in any list, node or error."""
    wrong: list[str] = []
    edges = set()
    page = next(json.loads(a.body)["id"] for asked, a in answered if "/me?" in asked.target)
    for asked, given in answered:
        body, parts = json.loads(given.body), asked.path.split("/")[2:]
        if "error" in body:
            wrong += check_error(body, given.status)
            continue
        if parts == [DEBUG]:  # no published type: the reference's words (reference/debug_token)
            continue
        wanted = parse(dict(parse_qsl(asked.query)).get("fields", "id"))
        if len(parts) == 1:
            name = _class_of(parts[0], page, body)
            edge = "messages" if parts[0].startswith("m_") else ""
            wrong += check_node(contract, name, edge, body, wanted)
            continue
        edges.add(parts[1])
        owner = _owner(parts[0], page)
        wrong += check_list(contract, owner, parts[1], body, wanted)
    assert sorted(set(wrong)) == []
    assert len(answered) > 120
    assert edges >= {one.path for one in listings._EDGES} | {"comments", "reactions", "messages"}


def _owner(number: str, page: str) -> str:
    if number == page:
        return "Page"
    return "UnifiedThread" if number.startswith("t_") else "PagePost"


def test_only_published_fields_are_asked_for(contract: Contract) -> None:
    """Graph refuses a request for a field that it does not have."""
    for name, kind in CLASSES.items():
        wanted = parse(getattr(nodes, name))
        assert is_published(contract, kind, EDGES.get(name, ""), wanted) == [], name
    assert is_published(contract, "UnifiedThread", "", parse(threads.CONVERSATION)) == []
    assert is_published(contract, "", "messages", parse(threads.MESSAGE)) == []


def test_only_published_edges_and_parameters_are_used(contract: Contract) -> None:
    """Every list of the Page's exists, and takes what it is asked with."""
    published = contract.get("Page")
    for one in listings._EDGES:
        assert one.path in published.edges
        assert one.parameters.keys() <= published.parameters[one.path], one.name
    assert {"platform", "folder"} <= published.parameters["conversations"]
    comments = contract.get("PagePost").parameters["comments"]
    assert {"filter", "order", "live_filter"} <= comments


def test_a_wrong_answer_is_told(contract: Contract) -> None:
    """The check itself finds unknown fields, wrong types and edges that are none."""
    bad = {"id": "1", "message": 7, "is_hidden": "no", "nickname": "x", "created_time": "today"}
    assert len(list(check_node(contract, "PagePost", "", bad))) == 4
    assert list(check_list(contract, "Page", "followers", {"data": []}, ()))
    assert list(check_list(contract, "Page", "feed", {"data": [], "more": 1}, ()))
    assert BESIDE.keys() == {"reactions", "attachments", "messages", "settings"}
