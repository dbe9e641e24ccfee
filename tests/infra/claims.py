"""What must hold of the policies of a city, as questions to `tests.infra.iam`."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from tests.infra.iam import Request, Statement, allowed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.infra.planned import Planned

NAME, ACCOUNT = "elgin-il", "111122223333"
ROLES = (
    *("capture", "settle", "seal", "read", "worker"),
    *("receiver", "hold", "executor", "purge", "audit"),
)
UNIT = "01junit"
KEY = f"u/{UNIT}/01jsegment.warc.gz"
LEDGER = (
    *("archive.json", "log/head", "log/checkpoint", "log/tile/0/000", "log/tile/entries/000"),
    *("log/staging/1-aa", "log/pending/01j", "log/checkpoints/2026-12-01", "log/anchors/01j"),
    "sets/01j",
)
COPIES = ("archive", "copy", "ledger")
ALL: Statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
ROOT = f"arn:aws:iam::{ACCOUNT}:role/somebody-with-all-rights"
TLS = {"aws:SecureTransport": "true", "s3:TlsVersion": "1.3"}
OPENED = {"kms:ViaService": "s3.us-east-2.amazonaws.com"}
DUE = {
    "kms:ResourceAliases": ["alias/civic-archive/01jexampleexampleexampleex/period"],
    "kms:EncryptionContext:civic-archive": "01jexampleexampleexampleex",
}
SETTINGS = (
    *("DeleteBucket", "DeleteBucketPolicy", "PutBucketObjectLockConfiguration", "PutBucketPolicy"),
    *("PutBucketVersioning", "PutEncryptionConfiguration", "PutLifecycleConfiguration"),
    *("PutBucketPublicAccessBlock", "PutReplicationConfiguration", "PutBucketLogging"),
)


def bucket(what: str) -> str:
    """Return the ARN of a bucket."""
    return f"arn:aws:s3:::{NAME}-{ACCOUNT}-{what}"


def place(what: str, key: str) -> str:
    """Return the ARN of an object of an archive."""
    return f"{bucket(what)}/archive/{key}"


def kms(what: str) -> str:
    """Return the ARN of a KMS key."""
    return f"arn:aws:kms:us-east-2:{ACCOUNT}:key/{what}"


class Claim(NamedTuple):
    """A request, and whether it is to be allowed. ``more``: the caller is given all rights."""

    name: str
    role: str
    action: str
    resource: str
    allowed: bool = False
    context: tuple[tuple[str, object], ...] = ()
    more: bool = False


_NOTHING: Mapping[str, object] = {}


def _claim(  # noqa: PLR0913 - only by name
    name: str,
    role: str,
    action: str,
    resource: str,
    *,
    yes: bool = False,
    more: bool = False,
    given: Mapping[str, object] = _NOTHING,
    **context: object,
) -> Claim:
    named = {
        key.replace("__", "/").replace("_", ":", 1): value
        for key, value in {**given, **context}.items()
    }
    return Claim(name, role, action, resource, yes, tuple(named.items()), more)


def answer(plan: Planned, claim: Claim) -> bool:
    """Say whether a plan's policies allow what a claim asks."""
    principal = ROOT if claim.role == "root" else f"arn:aws:iam::{ACCOUNT}:role/{NAME}-{claim.role}"
    own = [*plan.roles.get(f"{NAME}-{claim.role}", []), *([ALL] if claim.more else [])]
    name = claim.resource.removeprefix("arn:aws:s3:::").partition("/")[0]
    context = {**TLS, **dict(claim.context)}
    request = Request(principal, claim.action, claim.resource, context)  # type: ignore[arg-type]
    return allowed(own, plan.buckets.get(name, []), request)


def broken(plan: Planned) -> list[str]:
    """Return the names of the claims that do not hold."""
    return sorted({claim.name for claim in claims() if answer(plan, claim) != claim.allowed})


def is_broken(plan: Planned) -> bool:
    """Say whether any claim does not hold."""
    return any(answer(plan, claim) != claim.allowed for claim in claims())


def claims() -> Iterator[Claim]:
    """Yield every claim."""
    yield from _capture()
    yield from _ledger()
    yield from _locks()
    yield from _purge()
    yield from _audit()
    yield from _transport()
    yield from _work()


def _capture() -> Iterator[Claim]:
    new, key = f"{bucket('incoming')}/new/20261201", kms("storage")
    put = ("capture", "s3:PutObject")
    yield _claim("capture stores deliveries", *put, new, yes=True, given={"s3_if-none-match": "*"})
    yield _claim("capture overwrites nothing", *put, new)
    yield _claim("nobody overwrites a delivery", "receiver", "s3:PutObject", new)
    yield _claim("capture stores encrypted", "capture", "kms:GenerateDataKey", key, yes=True,
                 kms_ViaService=OPENED["kms:ViaService"])  # fmt: skip
    for what in ("incoming", "archive", "keystore", "copy"):
        for action in ("GetObject", "GetObjectVersion", "DeleteObject", "DeleteObjectVersion"):
            for more in (False, True):
                one = f"{bucket(what)}/archive/{KEY}"
                yield _claim("capture reads and deletes nothing", "capture", f"s3:{action}", one,
                             more=more)  # fmt: skip
        yield _claim("capture lists nothing", "capture", "s3:ListBucket", bucket(what), more=True)
    for what in ("storage", "keystore"):
        yield _claim("capture opens nothing", "capture", "kms:Decrypt", kms(what), more=True,
                     kms_ViaService=OPENED["kms:ViaService"])  # fmt: skip
    yield _claim("capture writes no archive", *put, place("archive", KEY))


def _ledger() -> Iterator[Claim]:
    for what, key, role in product(COPIES, LEDGER, (*ROLES, "root")):
        yield _claim("nobody destroys the ledger", role, "s3:DeleteObjectVersion",
                     place(what, key), more=True)  # fmt: skip
    acts = ("GetObject", "PutObject", "DeleteObject", "PutObjectTagging")
    for what, key, act, unit in product(COPIES[:2], LEDGER, acts, (UNIT, "../log", "*")):
        yield _claim("purge does not touch the ledger", "purge", f"s3:{act}", place(what, key),
                     more=True, aws_PrincipalTag__unit=unit)  # fmt: skip
    logs = ("log/head", "log/checkpoint", "log/tile/0/000")
    for key, role in product(logs, ("settle", "hold", "read", "audit", "capture")):
        yield _claim("only who seals writes the log", role, "s3:PutObject",
                     place("archive", key))  # fmt: skip


_DAYS = "s3_object-lock-remaining-retention-days"


def _locks() -> Iterator[Claim]:
    keys = (KEY, *LEDGER)
    for what, key, role in product(COPIES, keys, (*ROLES, "root")):
        one = place(what, key)
        yield _claim("nobody passes locks", role, "s3:BypassGovernanceRetention", one, more=True)
        for act in ("PutObjectRetention", "PutObjectLegalHold"):
            yield _claim("only hold locks", role, f"s3:{act}", one, yes=role == "hold",
                         more=True, given={_DAYS: "90"})  # fmt: skip
    for what, key in product(COPIES, keys):
        yield _claim("nobody sets a short lock", "hold", "s3:PutObjectRetention",
                     place(what, key), more=True, given={_DAYS: "1"})  # fmt: skip
    for what in COPIES:
        yield _claim("nobody locks content for long", "hold", "s3:PutObjectRetention",
                     place(what, KEY), more=True, given={_DAYS: "3650"})  # fmt: skip
    yield _claim("the log is locked for good", "hold", "s3:PutObjectRetention",
                 place("archive", "log/tile/0/000"), yes=True, given={_DAYS: "26000"})  # fmt: skip
    every = (*COPIES, "keystore", "incoming", "logs")
    for what, act, role in product(every, SETTINGS, (*ROLES, "root")):
        yield _claim("settings are administrators'", role, f"s3:{act}", bucket(what), more=True)
    for key in ("trail/a", "s3/a"):
        yield _claim("nobody passes locks", "root", "s3:BypassGovernanceRetention",
                     f"{bucket('logs')}/{key}", more=True)  # fmt: skip


def _purge() -> Iterator[Claim]:
    for what in ("archive", "copy"):
        for action in ("s3:DeleteObject", "s3:DeleteObjectVersion"):
            yield _claim("purge destroys the unit it is for", "purge", action, place(what, KEY),
                         yes=True, aws_PrincipalTag__unit=UNIT)  # fmt: skip
            yield _claim("purge destroys no other unit", "purge", action, place(what, KEY),
                         aws_PrincipalTag__unit="01jother")  # fmt: skip
            yield _claim("purge destroys nothing for nobody", "purge", action, place(what, KEY))
        yield _claim("purge reads nothing", "purge", "s3:GetObject", place(what, KEY), more=True,
                     aws_PrincipalTag__unit=UNIT)  # fmt: skip
    for what in COPIES:
        for role in (*(one for one in ROLES if one != "purge"), "root"):
            yield _claim("only purge destroys content", role, "s3:DeleteObjectVersion",
                         place(what, KEY), more=True)  # fmt: skip
    for what in ("storage", "due"):
        yield _claim("purge opens nothing", "purge", "kms:Decrypt", kms(what), more=True)
    for role in ("read", "audit", "hold", "capture"):
        yield _claim("who only looks deletes nothing", role, "s3:DeleteObject",
                     place("archive", KEY))  # fmt: skip


def _audit() -> Iterator[Claim]:
    for what in ("archive", "copy"):
        for key in (KEY, *LEDGER):
            yield _claim("audit reads what is stored", "audit", "s3:GetObject", place(what, key),
                         yes=True)  # fmt: skip
        for action in ("s3:ListBucket", "s3:ListBucketVersions"):
            yield _claim("audit lists", "audit", action, bucket(what), yes=True)
        yield _claim("audit writes nothing", "audit", "s3:PutObject", place(what, KEY))
    yield _claim("audit reads what is stored", "audit", "kms:Decrypt", kms("storage"), yes=True,
                 kms_ViaService=OPENED["kms:ViaService"])  # fmt: skip
    yield _claim("audit decrypts nothing itself", "audit", "kms:Decrypt", kms("storage"))
    for what in ("due", "keystore", "service"):
        yield _claim("audit opens no content", "audit", "kms:Decrypt", kms(what), more=True,
                     kms_ViaService=OPENED["kms:ViaService"],
                     kms_ResourceAliases=DUE["kms:ResourceAliases"])  # fmt: skip
    yield _claim("audit opens no content", "audit", "s3:GetObject",
                 f"{bucket('keystore')}/id/wraps/a", more=True)  # fmt: skip


def _transport() -> Iterator[Claim]:
    for what in ("archive", "copy", "ledger", "incoming", "keystore", "logs"):
        one = f"{bucket(what)}/archive/{KEY}"
        for context in ({"aws_SecureTransport": "false"}, {"s3_TlsVersion": "1.1"}):
            yield _claim("TLS only", "root", "s3:GetObject", one, more=True, given=context)
    kept = {"s3_if-none-match": "*"}
    for what in ("archive", "copy", "ledger", "incoming", "keystore"):
        one = f"{bucket(what)}/archive/{KEY}"
        other = {"s3_x-amz-server-side-encryption": "AES256"}
        yield _claim(
            "no other encryption", "root", "s3:PutObject", one, more=True, given={**kept, **other}
        )
        other = {"s3_x-amz-server-side-encryption": "aws:kms",
                 "s3_x-amz-server-side-encryption-aws-kms-key-id": kms("other")}  # fmt: skip
        yield _claim(
            "no other key", "root", "s3:PutObject", one, more=True, given={**kept, **other}
        )
    own = {"s3_x-amz-server-side-encryption": "aws:kms",
           "s3_x-amz-server-side-encryption-aws-kms-key-id": kms("storage")}  # fmt: skip
    for named in ({}, own):
        yield _claim("the bucket's own encryption will do", "settle", "s3:PutObject",
                     place("archive", KEY), yes=True, given=named)  # fmt: skip


_NEEDS = {
    "settle": {"PutObject": [KEY, "sets/01j", "log/pending/01j", "log/refused/01j"],
               "GetObject": [KEY, *LEDGER], "DeleteObject": ["log/pending/01j"]},
    "seal": {"PutObject": ["log/head", "log/checkpoint", "log/staging/1-aa", "log/tile/0/000",
                           "log/checkpoints/2026-12-01", "log/anchors/01j"],
             "DeleteObject": ["log/pending/01j", "log/staging/1-aa", "log/tile/0/000.p/3"]},
    "worker": {"PutObject": [KEY, "log/head"], "DeleteObject": [KEY, "log/pending/01j"],
               "GetObject": [KEY, "log/head"]},
    "read": {"GetObject": [KEY, *LEDGER]},
    "hold": {"GetObject": [KEY, *LEDGER], "GetObjectRetention": [KEY]},
}  # fmt: skip


def _work() -> Iterator[Claim]:
    """Yield what the code asks for: policies that allow nothing would be safe, and of no use."""
    for role, actions in _NEEDS.items():
        for action, keys in actions.items():
            for key in keys:
                yield _claim("the work can be done", role, f"s3:{action}", place("archive", key),
                             yes=True)  # fmt: skip
    for role in ("settle", "read", "worker", "hold"):
        yield Claim("the work can be done", role, "kms:Decrypt", kms("due"), allowed=True,
                    context=tuple(DUE.items()))  # fmt: skip
    other = {**DUE, "kms:EncryptionContext:civic-archive": "another"}
    yield Claim("keys of another archive stay shut", "read", "kms:Decrypt", kms("due"),
                context=tuple(other.items()))  # fmt: skip
    yield _claim("a seal is no segment", "seal", "s3:PutObject", place("archive", KEY))
    purge = f"arn:aws:iam::{ACCOUNT}:role/{NAME}-purge"
    for role in ROLES:
        yield _claim("only the executor purges", role, "sts:AssumeRole", purge,
                     yes=role == "executor")  # fmt: skip
    end: dict[str, object] = {"kms_ResourceAliases": DUE["kms:ResourceAliases"]}
    for role in ROLES:
        for days, yes in (("7", role == "executor"), ("3", False)):
            yield _claim("only the executor ends periods", role, "kms:ScheduleKeyDeletion",
                         kms("due"), yes=yes,
                         kms_ScheduleKeyDeletionPendingWindowInDays=days, given=end)  # fmt: skip
