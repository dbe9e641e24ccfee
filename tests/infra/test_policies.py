"""The policies that Terraform plans, asked what they allow; nothing is applied.

It needs Terraform and the provider's schemas (`make check-infra`); a policy that is broken on
purpose, in the plan or in the source, must be found.
"""

from __future__ import annotations

import copy
import shutil
from typing import TYPE_CHECKING

import pytest

from archiver.settings import load
from tests.infra.claims import ACCOUNT, NAME, ROLES, broken, claims, is_broken
from tests.infra.iam import Request, allowed
from tests.infra.planned import INFRA, Planned, planned, tfcheck

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.infra.iam import Statement

pytestmark = [
    pytest.mark.real,
    pytest.mark.more,
    pytest.mark.skipif(
        not (tfcheck().exists() and shutil.which("terraform")),
        reason="no Terraform, or no schemas of its provider for AWS (TFCHECK)",
    ),
]


@pytest.fixture(scope="module")
def plan() -> Planned:
    """Return what is planned for the example city."""
    return planned()


def test_every_claim_holds(plan: Planned) -> None:
    """No role, and nobody with all rights, can do what must not be; all work can be done."""
    assert sum(1 for _ in claims()) > 900
    assert broken(plan) == []


_LOOKED_AT = ("archive", "copy", "ledger", "incoming", "keystore")


def _without(plan: Planned) -> Iterator[tuple[str, Planned]]:
    """Yield a plan without one of its refusals, for each of them that is about the archive."""
    places: list[tuple[str, dict[str, list[Statement]], str]] = [
        *(("bucket", plan.buckets, f"{NAME}-{ACCOUNT}-{what}") for what in _LOOKED_AT),
        *(("role", plan.roles, f"{NAME}-{what}") for what in ("capture", "purge", "audit")),
    ]
    for kind, held, name in places:
        for number, statement in enumerate(held[name]):
            if statement["Effect"] == "Deny" and statement["Sid"] != "Never":  # a second lock
                other = copy.deepcopy(plan)
                del (other.buckets if kind == "bucket" else other.roles)[name][number]
                yield f"{name}: {statement['Sid']}", other


def test_each_refusal_matters(plan: Planned) -> None:
    """A plan that lacks any one refusal breaks a claim: none is there for show."""
    mutants = dict(_without(plan))
    assert len(mutants) > 35
    assert [name for name, one in mutants.items() if not is_broken(one)] == []


def _widened(plan: Planned) -> Iterator[tuple[str, Planned]]:
    """Yield a plan in which a role may do one thing more than it should."""
    archive = f"arn:aws:s3:::{NAME}-{ACCOUNT}-archive/archive"
    more: dict[str, tuple[str, str]] = {
        "settle": ("s3:PutObject", f"{archive}/log/*"),
        "seal": ("s3:PutObject", f"{archive}/u/*"),
        "read": ("s3:DeleteObject", f"{archive}/u/*"),
        "hold": ("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/{NAME}-purge"),
        "worker": ("sts:AssumeRole", "*"),
        "purge": ("s3:DeleteObjectVersion", f"{archive}/u/*"),
        "capture": ("s3:PutObject", f"{archive}/u/*"),
        "audit": ("s3:PutObject", f"{archive}/*"),
        "receiver": ("kms:ScheduleKeyDeletion", "*"),
    }
    for role, (action, resource) in more.items():
        other = copy.deepcopy(plan)
        given = {"Sid": "More", "Effect": "Allow", "Action": action, "Resource": resource}
        other.roles[f"{NAME}-{role}"].append(given)
        yield f"{role}: {action}", other


def test_each_widening_is_found(plan: Planned) -> None:
    """A role that may do one thing more breaks a claim."""
    assert [name for name, one in _widened(plan) if not is_broken(one)] == []


def _edited(tmp_path: Path, file: str, old: str, new: str) -> Planned:
    root = tmp_path / "terraform"
    shutil.copytree(INFRA, root)
    path = root / file
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")
    return planned(root)


def test_a_mutant_in_the_source_is_found(tmp_path: Path) -> None:
    """Purge for every unit, written in the Terraform file itself, is found in its plan."""
    unit = ': "${one}/u/$${aws:PrincipalTag/unit}/*"]'
    found = broken(_edited(tmp_path, "modules/roles/policies.tf", unit, ': "${one}/u/*"]'))
    assert "purge destroys no other unit" in found


def test_who_may_take_a_role(plan: Planned) -> None:
    """Purge is taken by the executor for one unit; people take a role with a second factor."""

    def takes(role: str, who: str, action: str = "sts:AssumeRole", **context: str) -> bool:
        named = {key.replace("__", "/").replace("_", ":", 1): one for key, one in context.items()}
        own = plan.roles.get(who.rpartition("/")[2], [])
        statements = plan.trust[f"{NAME}-{role}"]
        return any(allowed([], [one], Request(who, action, "", named)) for one in statements) and (
            role != "purge" or bool(own)
        )

    iam = f"arn:aws:iam::{ACCOUNT}:role"
    tagged = {"aws_RequestTag__unit": "01junit", "aws_TagKeys": "unit"}
    assert takes("purge", f"{iam}/{NAME}-executor", **tagged)
    assert not takes("purge", f"{iam}/{NAME}-executor")
    assert not takes("purge", f"{iam}/{NAME}-executor", **{**tagged, "aws_TagKeys": "other"})
    for role in ROLES:
        if role != "executor":
            assert not takes("purge", f"{iam}/{NAME}-{role}", **tagged)
    auditor = "arn:aws:iam::444455556666:role/auditor"
    for role, who in (("read", f"{iam}/clerk"), ("audit", auditor)):
        assert takes(role, who, aws_MultiFactorAuthPresent="true")
        assert not takes(role, who, aws_MultiFactorAuthPresent="false")
        assert not takes(role, who)


def test_buckets_are_as_the_archive_needs_them(plan: Planned) -> None:
    """Archive and copies have versions and locks; what must forget has neither; all are private."""
    names = {what: f"{NAME}-{ACCOUNT}-{what}" for what in (*_LOOKED_AT, "logs", "query")}

    def having(kind: str, good: Callable[[dict[str, object]], bool]) -> set[str]:
        return {str(one["bucket"]) for one in plan.of_type(kind) if good(one)}

    kept = {names[what] for what in ("archive", "copy", "ledger", "logs")}
    assert having("aws_s3_bucket", lambda one: bool(one["object_lock_enabled"])) == kept
    assert having("aws_s3_bucket_versioning", lambda one: "Enabled" in str(one)) == kept
    assert having("aws_s3_bucket_object_lock_configuration", lambda _: True) == kept
    strong = kept - {names["logs"]}
    locked = having("aws_s3_bucket_object_lock_configuration", lambda one: "COMPLIANCE" in str(one))
    assert locked == strong
    encrypted = having(
        "aws_s3_bucket_server_side_encryption_configuration", lambda one: "aws:kms" in str(one)
    )
    assert encrypted == set(names.values()) - {names["logs"]}
    assert having("aws_s3_bucket_public_access_block", lambda one: "False" not in str(one)) == set(
        names.values()
    )


def test_lifecycles_end_only_what_may_go(plan: Planned) -> None:
    """No rule of S3 ends content, or a part of the ledger that is written once."""
    ended = {
        rule["filter"][0]["prefix"]
        for one in plan.of_type("aws_s3_bucket_lifecycle_configuration")
        if one["bucket"].endswith(("-archive", "-copy", "-ledger"))
        for rule in one["rule"]
        if rule["expiration"] or rule["noncurrent_version_expiration"]
    }
    passing = {"log/head", "log/checkpoint", "log/pending/", "log/staging/", "log/refused/"}
    assert ended == {f"archive/{one}" for one in (*passing, ".probe/")}


def test_settings_are_read_by_the_archiver(plan: Planned, tmp_path: Path) -> None:
    """The output is an `archiver.toml` that names store, copy, locks, keys and intake."""
    (tmp_path / "archiver.toml").write_text(plan.settings, "utf-8")
    found = load({}, tmp_path)
    assert found.archive == f"s3://{NAME}-{ACCOUNT}-archive/archive"
    assert (found.s3_region, found.locks, found.kms) == ("us-east-2", "compliance", "aws")
    assert found.keystore == f"s3://{NAME}-{ACCOUNT}-keystore"
    assert found.webhook_url == "https://hooks.example.gov"
    assert found.s3_purge_role == f"arn:aws:iam::{ACCOUNT}:role/{NAME}-purge"
    assert [one.archive for one in found.replicas] == [f"s3://{NAME}-{ACCOUNT}-copy/archive"]
    assert [one.s3_region for one in found.replicas] == ["us-west-2"]


def test_no_secret_is_in_the_plan(plan: Planned) -> None:
    """No resource has a password, and no secret a value: Terraform's state has none of them."""
    assert plan.of_type("aws_secretsmanager_secret_version") == []
    for one in plan.of_type("aws_db_instance"):
        assert one["manage_master_user_password"] is True
        assert one["password"] is None
        assert one["password_wo"] is None
