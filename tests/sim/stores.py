"""Two stores in memory, each of the real code under it: one like a folder, one like a bucket.

`FolderSim` is `archiver.edges.memory.MemoryStore`: one operation is one step. `BucketSim` is
the real S3 client code (`archiver.edges.s3store`, `s3put`) over requests in memory: one
request is one step, and each may be lost, done without an answer, turned away with 409 or
503, repeated by the library (so that it is refused for its own sake), cut short, or listed
as of a moment ago.
"""

from __future__ import annotations

from hashlib import md5
from typing import TYPE_CHECKING, Any, TypeVar, cast

from archiver.edges import s3errors
from archiver.edges.memory import Fault, Killed, MemoryStore
from archiver.edges.s3errors import Failure
from archiver.edges.s3put import Head
from archiver.edges.s3store import BucketStore
from archiver.ports import Versioned

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from archiver.edges.s3body import Body
    from archiver.edges.s3store import Bucket
    from archiver.ports import ObjectVersion
    from tests.sim.scheduler import Scheduler
    from tests.sim.watch import Watch

__all__ = ["BucketSim", "FolderSim", "Requests"]

_T = TypeVar("_T")


def missing() -> Failure:
    """Return what a bucket answers where there is no such object."""
    return Failure("NoSuchKey", status=404)


def refused(*, retried: bool = False) -> Failure:
    """Return what a bucket answers where a condition does not hold."""
    return Failure("PreconditionFailed", status=412, retried=retried)


def silent() -> Failure:
    """Return what comes of it where a bucket does not answer."""
    return Failure("ReadTimeoutError", network=True)


def busy(chance: random.Random) -> Failure:
    """Return a reason why a request was not done: another one in progress, load, the network."""
    codes = (("ConditionalRequestConflict", 409), ("SlowDown", 503), ("InternalError", 500))
    code, status = chance.choice(codes)
    return Failure(code, status=status)


class FolderSim(MemoryStore):
    """A store whose operations are steps, and whose changes are watched.

    Args:
        scheduler: decides when an operation happens and what goes wrong with it.
        watch: is told of every change.
    """

    def __init__(self, scheduler: Scheduler, watch: Watch) -> None:
        super().__init__(scheduler.fault)
        self._scheduler, self._watch = scheduler, watch
        self._late: list[tuple[str, bytes]] = []

    def _create(self, key: str, content: bytes) -> None:
        if self._scheduler.happens(self._scheduler.weather.late):
            self._late.append((key, content))  # sent twice: the other copy comes later
        super()._create(key, content)

    def deliver(self) -> None:
        """Apply what was sent twice and arrives now; it finds the key taken, or free again."""
        for key, content in self._late:
            if key not in self._objects:
                self._scheduler.note(f"late create {key}")
                self._put(key, content)
        self._late.clear()

    def _put(self, key: str, content: bytes) -> None:
        if key in self._objects:
            self._watch.replaced(key)
        super()._put(key, content)
        self._watch.put(key, content)

    def _delete(self, key: str) -> None:
        there = key in self._objects
        super()._delete(key)
        if there:
            self._watch.removed(key)


class Requests:
    """The requests of a bucket, in memory (`archiver.edges.s3store.Bucket`).

    Args:
        scheduler: decides when a request arrives and what goes wrong with it.
        watch: is told of every change.
        quotes: whether ``If-Match`` wants the ETag in quotes.
        marks: whether the bucket keeps metadata, and with it write ids.
    """

    def __init__(
        self, scheduler: Scheduler, watch: Watch, *, quotes: bool = True, marks: bool = True
    ) -> None:
        self.objects: dict[str, tuple[bytes, str | None]] = {}
        self._scheduler, self._watch = scheduler, watch
        self._quotes, self._marks = quotes, marks
        self._undo: tuple[str, bytes | None] | None = None
        self._late: list[tuple[str, bytes, str | None]] = []

    def describe(self) -> str:
        """Return that this is a simulation."""
        return "simulated bucket"

    def where(self, key: str) -> str:
        """Return the address of an object."""
        return f"sim://{key}"

    def removing(self, key: str) -> Requests:
        """Return itself: nobody has other rights here."""
        del key
        return self

    def wait(self, attempt: int) -> None:
        """Let others act before another attempt."""
        if attempt:
            self._scheduler.pause("wait", str(attempt))

    def send(self, key: str, body: Body, condition: dict[str, str]) -> str:
        """PutObject under a condition."""
        data = body.rewound().read()
        mark = body.write_id if self._marks else None

        def act() -> str:
            if self._scheduler.happens(self._scheduler.weather.late) and "IfMatch" not in condition:
                self._late.append((key, data, mark))
            return self._put(key, data, mark, condition)

        fault = self._scheduler.fault("send", key)
        if fault is Fault.APPLIED_THEN_ERROR:
            self._answerless(act)
        return self._suffer(fault, key, act)

    def _answerless(self, act: Callable[[], str]) -> None:
        """Do what a request asks, and answer as if not: with a timeout, a 500, or a retry's 412."""
        done = True
        try:
            act()
        except Failure:
            done = False
        if done and self._scheduler.chance.random() < 0.3:
            raise refused(retried=True)
        raise silent()

    def _put(self, key: str, data: bytes, mark: str | None, condition: dict[str, str]) -> str:
        found = self.objects.get(key)
        if condition == {"IfNoneMatch": "*"}:
            if found is not None:
                raise refused()
        elif found is None:
            raise missing()
        elif condition["IfMatch"] != self._spelled(found[0]):
            raise refused()
        self._set(key, data, mark)
        return md5(data, usedforsecurity=False).hexdigest()

    def _spelled(self, data: bytes) -> str:
        tag = md5(data, usedforsecurity=False).hexdigest()
        return f'"{tag}"' if self._quotes else tag

    def _set(self, key: str, data: bytes, mark: str | None) -> None:
        before = self.objects.get(key)
        if before is not None:
            self._watch.replaced(key)
        self._undo = (key, before[0] if before else None)
        self.objects[key] = (data, mark)
        self._watch.put(key, data)

    def deliver(self) -> None:
        """Apply what was sent twice and arrives now, where its key is free."""
        for key, data, mark in self._late:
            if key not in self.objects:
                self._scheduler.note(f"late send {key}")
                self._set(key, data, mark)
        self._late.clear()

    def head(self, key: str) -> Head:
        """HeadObject."""

        def act() -> Head:
            data, mark = self._find(key)
            return Head(md5(data, usedforsecurity=False).hexdigest(), len(data), mark)

        return self._suffer(self._scheduler.fault("head", key), key, act)

    def chunks(self, key: str) -> tuple[str, Iterable[bytes]]:
        """GetObject."""
        found = self.read(key)
        return found.version, (found.data,)

    def read(self, key: str, span: tuple[int, int] | None = None) -> Versioned:
        """GetObject of all or of a span."""
        fault = self._scheduler.fault("get", key)

        def act() -> Versioned:
            data, _ = self._find(key)
            part = data if span is None else data[span[0] : span[1] + 1]
            return Versioned(part, md5(data, usedforsecurity=False).hexdigest())

        found = self._suffer(fault, key, act)
        if fault is Fault.SHORT:
            raise s3errors.damaged("the answer keeps breaking off", self.where(key))
        return found

    def _find(self, key: str) -> tuple[bytes, str | None]:
        found = self.objects.get(key)
        if found is None:
            raise missing()
        return found

    def pages(self, prefix: str) -> Iterator[tuple[str, int]]:
        """ListObjectsV2."""
        fault = self._scheduler.fault("list", prefix)

        def act() -> list[tuple[str, int]]:
            sizes = {k: len(d) for k, (d, _) in self.objects.items() if k.startswith(prefix)}
            if fault is Fault.STALE_LIST and self._undo and self._undo[0].startswith(prefix):
                key, before = self._undo
                sizes.pop(key, None)
                if before is not None:
                    sizes[key] = len(before)
            return sorted(sizes.items())

        return iter(self._suffer(fault, prefix, act))

    def versions(self) -> Iterator[ObjectVersion]:
        """ListObjectVersions: this bucket keeps none."""
        self._scheduler.pause("versions", "")
        return iter(())

    def delete(self, key: str) -> None:
        """DeleteObject."""

        def act() -> None:
            found = self.objects.pop(key, None)
            if found is not None:
                self._undo = (key, found[0])
                self._watch.removed(key)

        self._suffer(self._scheduler.fault("delete", key), key, act)

    def ask(self, operation: str, **arguments: str) -> Mapping[str, Any]:
        """What erasing asks of a bucket that keeps no versions."""
        if operation == "delete_object":
            self.delete(arguments["Key"])
            return {}
        prefix = arguments["Prefix"]
        found = [{"Key": key, "VersionId": "null"} for key, _ in self.pages(prefix)]
        return {"Prefix": prefix, "Versions": found}

    def _suffer(self, fault: Fault | None, key: str, act: Callable[[], _T]) -> _T:
        """Do what a request asks, or not, and lose its answer, or not."""
        if fault is Fault.KILL_BEFORE:
            raise Killed(key)
        if fault is Fault.LOST:
            raise busy(self._scheduler.chance)
        done = act()
        if fault is Fault.KILL_AFTER:
            raise Killed(key)
        if fault is Fault.APPLIED_THEN_ERROR:
            raise silent()
        return done


class BucketSim(BucketStore):
    """The store over such requests; ``requests`` are those of this bucket."""

    def __init__(self, requests: Requests) -> None:
        super().__init__(cast("Bucket", requests))  # all but what only `doctor` asks
        self.requests = requests
