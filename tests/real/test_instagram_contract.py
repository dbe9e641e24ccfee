"""The stand-in Instagram answers nothing that Meta's published contract does not have."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import pytest

from archiver.capture.platforms.instagram import listings
from archiver.demo.facebook.fieldlist import parse
from tests.demo.instagram import Stage, staged
from tests.edges.store_helpers import memory_folder
from tests.real.facebook.checking import check_error, check_list, check_node, is_published
from tests.real.facebook.oracle import Contract

if TYPE_CHECKING:
    from archiver.demo.answer import Answer, Asked

pytestmark = pytest.mark.real

CLASSES = {
    "PROFILE": "IGUser", "MEDIA": "IGMedia", "COMMENT": "IGComment", "STORY": "IGMedia",
    "LIVE": "IGMedia", "TAGGED": "IGMedia",
}  # fmt: skip


@pytest.fixture(scope="module")
def contract(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    """What facebook-business 26.0.3 publishes."""
    requirements = Path(__file__).parent / "facebook" / "requirements.txt"
    return Contract.install(tmp_path_factory.getbasetemp() / "facebook-contract", requirements)


def owner_of(stage: Stage, number: str) -> str:
    """Return the class of a node of the stand-in's."""
    account = stage.account
    if number in {"me", account.city.id}:
        return "Page"
    if number.startswith("t_"):
        return "UnifiedThread"
    if number == account.number:
        return "IGUser"
    return "IGComment" if number in account.comments else "IGMedia"


def test_every_answer_is_one_of_the_contract(contract: Contract) -> None:
    """No unknown field, no wrong type, in any list, node or error."""
    seen: list[tuple[Asked, Answer]] = []
    wrong: list[str] = []
    with memory_folder() as folder, staged(folder) as stage:
        original = stage.service.answer

        def answer(asked: Asked) -> Answer | None:
            given = original(asked)
            if given is not None and not asked.path.startswith("/cdn/"):
                seen.append((asked, given))
            return given

        stage.service.answer = answer  # type: ignore[method-assign]
        stage.capture("backfill")
        stage.account.change()
        stage.capture("backfill")
    for asked, given in seen:
        body, parts = json.loads(given.body), asked.path.split("/")[2:]
        if "error" in body:
            wrong += check_error(body, given.status)
            continue
        if parts == ["debug_token"]:  # no published type: the reference's words
            continue
        wanted = parse(dict(parse_qsl(asked.query)).get("fields", "id"))
        message = parts[0].startswith("m_")
        owner = "" if message else owner_of(stage, parts[0])
        if len(parts) == 1:
            wrong += check_node(contract, owner, "messages" if message else "", body, wanted)
        else:
            wrong += check_list(contract, owner, parts[1], body, wanted)
    assert sorted(set(wrong)) == []
    assert len(seen) > 30


def test_only_published_fields_and_edges_are_asked_for(contract: Contract) -> None:
    """Graph refuses a request for a field that it does not have."""
    for name, kind in CLASSES.items():
        assert is_published(contract, kind, "", parse(getattr(listings, name))) == [], name
    edges = contract.get("IGUser").edges
    assert {one.name for one in listings._EDGES} <= edges.keys()
    assert "comments" in contract.get("IGMedia").edges
    assert "replies" in contract.get("IGComment").edges
    assert "mentioned_comment" in contract.get("IGUser").fields
