"""A doorbell that is a stream of a real Redis."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import redis

from archiver.edges.doorbell_redis import PASSWORD, RedisQueue
from archiver.errors import TransientError
from tests.airflow.parts import redis_server
from tests.edges.test_doorbells import heard, holds_until_answered

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Redis."""
    with redis_server(tmp_path_factory.mktemp("redis")) as address:
        yield address


def test_redis_holds_a_ring_until_it_is_answered(url: str) -> None:
    """What one left pending the next one has at once, until it is acknowledged; then it is gone."""
    holds_until_answered(lambda: RedisQueue(url, "held"))
    with redis.Redis.from_url(url) as client:
        assert client.xlen("held") == 0


def test_rings_before_anybody_listened_are_heard(url: str) -> None:
    """A stream that is older than its group is read from its start; one that was lost is anew."""
    queue = RedisQueue(url, "older")
    queue.ring("anna")
    (ring,) = heard(queue, {"anna"})
    with redis.Redis.from_url(url) as client:
        client.flushall()
    assert queue.heard(0.1) == []
    queue.answer(ring)  # of a stream that is no more: no error
    queue.ring("bela")
    assert [one.account for one in heard(queue, {"bela"})] == ["bela"]
    queue.close()


def test_an_entry_without_a_field_is_for_nobody(url: str) -> None:
    """Whoever else writes into the stream stops nobody."""
    queue = RedisQueue(url, "strange")
    with redis.Redis.from_url(url) as client:
        client.xadd("strange", {"something": "else"})
    (ring,) = heard(queue, {""})
    queue.answer(ring)
    queue.close()


def test_a_password_is_in_no_error(url: str) -> None:
    """One that is refused, and a server that is away, are said without it."""
    environ = {PASSWORD: "sesame sentinel"}
    for address in (url, "redis://127.0.0.1:9/0"):
        queue = RedisQueue(address, "closed", environ)
        with pytest.raises(TransientError, match="can't be reached") as raised:
            queue.ring("anna")
        assert "sesame" not in f"{raised.value!r} {raised.value} {raised.value.__context__!r}"
        queue.close()
