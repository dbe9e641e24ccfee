"""The connector's requests and the stand-in's answers, held against Google's discovery document."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from archiver.capture.platforms.blogger import Blogger
from archiver.demo.blogger import api
from archiver.demo.city import City
from tests.conformance.life import lived
from tests.conformance.standins import Subject
from tests.edges.store_helpers import memory_folder
from tests.real.environments import pinned
from tests.real.youtube.discovery import PINNED, Contract, document_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.demo.answer import Answer, Asked

pytestmark = pytest.mark.real

GOOD = {"kind": "blogger#post", "id": "1", "status": "LIVE", "title": "t"}
POST = "/v3/blogs/1/posts/2"


@pytest.fixture(scope="module")
def contract(pytestconfig: pytest.Config) -> Contract:
    """The published document, installed once."""
    programs = pinned(pytestconfig.cache.mkdir("youtube"), PINNED)
    return Contract(document_in(programs, "blogger.v3"), "/v3/")


@pytest.fixture(scope="module")
def heard() -> Iterator[list[tuple[Asked, Answer]]]:
    """Every request and answer of two captures with a week between."""
    found: list[tuple[Asked, Answer]] = []
    service = api.life()
    real = service.answer

    def noted(asked: Asked) -> Answer | None:
        given = real(asked)
        if given is not None and asked.path.startswith("/v3/"):
            found.append((asked, given))
        return given

    service.answer = noted  # type: ignore[method-assign]
    with memory_folder() as folder, lived(Subject(Blogger(), lambda: (City(), service)), folder):
        yield found


def test_every_request_and_answer_is_as_published(
    heard: list[tuple[Asked, Answer]], contract: Contract
) -> None:
    """Methods, parameters, values, members and their types."""
    assert len({asked.path for asked, _ in heard}) > 4
    for asked, given in heard:
        assert contract.request(asked.target) == []
        if given.status == 200:
            assert contract.answer(asked.target, json.loads(given.body)) == []


def test_errors_are_told_by_code_and_reason(heard: list[tuple[Asked, Answer]]) -> None:
    """As Google's APIs document them: what is gone has its own reason."""
    gone = [json.loads(given.body)["error"] for _, given in heard if given.status == 404]
    assert gone
    assert {(one["code"], one["errors"][0]["reason"]) for one in gone} == {(404, "notFound")}


def test_the_contract_refuses_what_is_not_published(contract: Contract) -> None:
    """The check itself finds wrong members, types, states and parameters."""
    assert contract.answer(POST, GOOD) == []
    for bad in ({"title": 1}, {"colour": "red"}, {"status": "ODD"}):
        assert contract.answer(POST, {**GOOD, **bad})
    assert contract.request(f"{POST}?view=ADMIN") == []
    for wrong in ("?view=ODD", "?colour=red", "/likes"):
        assert contract.request(POST + wrong)


def test_scopes_are_those_that_its_methods_need(contract: Contract) -> None:
    """Reading alone will do."""
    needed = {need.scope.rpartition("/")[2] for need in Blogger().needs}
    assert needed == {"blogger.readonly"}
    for name in ("blogs/byurl", "blogs/{blogId}/posts", "blogs/{blogId}/comments"):
        assert needed <= contract.methods[name].scopes
