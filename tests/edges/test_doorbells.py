"""Doorbells that hold rings: what was heard and never answered is heard again."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from archiver.edges import doorbell_far, doorbell_sqs
from archiver.edges.doorbell_far import FarDoorbell
from archiver.edges.doorbell_sqs import SqsQueue
from archiver.errors import TransientError, UsageError
from archiver.settings import Settings, load
from archiver.wire import create_archive
from archiver.wire.doorbells import doorbell_at, queue_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from archiver.receiving import Queue, Ring


@contextmanager
def sqs_queue() -> Iterator[str]:
    """Run moto's SQS; yield the address of an empty queue."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    client = boto3.client("sqs", endpoint_url=f"http://{host}:{port}", region_name="us-east-1")
    try:
        yield str(client.create_queue(QueueName="doorbell")["QueueUrl"])
    finally:
        client.close()
        server.stop()


@pytest.fixture
def sqs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Queue]]:
    """Who comes next to a queue of moto's, which hands a message out again after a second."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "stand-in")
    monkeypatch.setattr(doorbell_sqs, "_AGAIN", 1)
    with sqs_queue() as url:
        yield lambda: SqsQueue(url, "us-east-1")


def heard(queue: Queue, accounts: set[str]) -> list[Ring]:
    """Wait until all those accounts were rung for; return the rings."""
    found: list[Ring] = []
    for _ in range(20):
        found += queue.heard(1.0)
        if accounts <= {one.account for one in found}:
            return found
    raise AssertionError(found)


def holds_until_answered(made: Callable[[], Queue]) -> None:
    """Ring, die having heard, hear again, answer, and hear no more."""
    first = made()
    first.ring("anna")
    first.ring("bela")
    assert {one.account for one in heard(first, {"anna", "bela"})} == {"anna", "bela"}
    first.close()  # it was killed, as far as the queue knows
    second = made()
    again = {one.account: one for one in heard(second, {"anna", "bela"})}
    second.answer(again["anna"])
    second.answer(again["anna"])
    second.close()
    third = made()
    (left,) = heard(third, {"bela"})
    assert left.account == "bela"
    third.answer(left)
    third.close()
    last = made()
    assert last.heard(2.0) == []
    last.close()


def test_sqs_holds_a_ring_until_it_is_answered(sqs: Callable[[], Queue]) -> None:
    """A message is there again for whoever comes next, until it is deleted."""
    holds_until_answered(sqs)


def test_a_queue_that_is_away_is_said_without_its_text() -> None:
    """Nobody listens there: a `TransientError`, and the address in it."""
    queue = SqsQueue("http://127.0.0.1:9/1/doorbell", "us-east-1")
    for act in (lambda: queue.ring("anna"), lambda: queue.heard(0.0)):
        with pytest.raises(TransientError, match="can't be reached") as raised:
            act()
        assert raised.value.where == "http://127.0.0.1:9/1/doorbell"


class Scripted:
    """A queue that is away for the first rings."""

    def __init__(self, away: int) -> None:
        self.away = away
        self.rung: list[str] = []
        self.tried = threading.Semaphore(0)
        self.free = threading.Event()
        self.closed = False

    def ring(self, account: str) -> None:
        """Fail, or be rung."""
        self.free.wait(10)
        self.tried.release()
        if self.away:
            self.away -= 1
            raise TransientError("it is away")
        self.rung.append(account)

    def heard(self, seconds: float) -> Sequence[Ring]:
        """Hear nothing: only the receiver's side is tried here."""
        raise NotImplementedError(seconds)

    def answer(self, ring: Ring) -> None:
        """Likewise."""
        raise NotImplementedError(ring)

    def close(self) -> None:
        """Say that it was closed."""
        self.closed = True


class Near:
    """A doorbell here."""

    def __init__(self) -> None:
        self.rung: list[str] = []

    def ring(self, account: str) -> None:
        """Be rung."""
        self.rung.append(account)


def test_ringing_waits_for_no_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    """While a ring is under way others return at once; many for an account become one."""
    monkeypatch.setattr(doorbell_far, "_AGAIN", 0.01)
    near, far = Near(), Scripted(away=2)
    doorbell = FarDoorbell(near, far)
    for _ in range(100):
        doorbell.ring("anna")
    doorbell.ring("bela")
    assert (len(near.rung), far.rung) == (101, [])
    far.free.set()
    for _ in range(4):
        assert far.tried.acquire(timeout=10)
    doorbell.close()
    assert set(far.rung) == {"anna", "bela"}
    assert len(far.rung) <= 4
    assert far.closed


def test_rings_that_can_t_be_given_end_with_the_receiver(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A queue that stays away is said once, and stops nobody from ending."""
    monkeypatch.setattr(doorbell_far, "_AGAIN", 0.01)
    far = Scripted(away=1_000_000)
    far.free.set()
    doorbell = FarDoorbell(Near(), far)
    doorbell.ring("anna")
    for _ in range(5):
        assert far.tried.acquire(timeout=10)
    doorbell.close()
    assert [one.message for one in caplog.records] == ["rings wait: it is away"]


def test_settings_name_the_queue(tmp_path: Path) -> None:
    """Redis and SQS are told apart by the address; anything else, or a secret in it, is refused."""
    here = Settings(str(tmp_path / "archive"), tmp_path / "home")
    archive = create_archive(here)
    assert queue_of(here) is None
    assert load({"ARCHIVER_DOORBELL": "redis://h:1/0"}, tmp_path).doorbell == "redis://h:1/0"

    def made(address: str) -> Any:  # noqa: ANN401 - one of two classes
        return queue_of(Settings(here.archive, here.home, s3_region="eu-west-1", doorbell=address))

    stream = made("redis://127.0.0.1:6379/0")
    assert type(stream).__name__ == "RedisQueue"
    assert vars(stream)["_stream"] == f"civic-archiver:{archive.identity.id}"
    assert type(made("https://sqs.eu-west-1.amazonaws.com/1/doorbell")).__name__ == "SqsQueue"
    wrong = ("redis://", "redis:///0", "https://host", "amqp://h/q", "redis://h:x/0", "h", "//h/q")
    for address in (*wrong, "redis://h/0?db=1"):
        with pytest.raises(UsageError, match="not a doorbell"):
            made(address)
    with pytest.raises(UsageError, match="names nobody") as raised:
        made("redis://:sesame@h/0")
    assert "sesame" not in str(raised.value)


def test_without_a_queue_the_pipe_is_rung(tmp_path: Path) -> None:
    """The receiver rings its home's pipe; nobody is connected to."""
    here = Settings(str(tmp_path / "archive"), tmp_path / "home")
    with doorbell_at(here, tmp_path / "doorbell") as doorbell:
        assert type(doorbell).__name__ == "PipeDoorbell"
        doorbell.ring("anna")
