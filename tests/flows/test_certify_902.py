"""Certificates for a court: true in every figure, or there is none."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from pypdf import PdfReader

from archiver.errors import ArchiverError, IntegrityError, RefusedError, UsageError
from archiver.flows import accounts
from archiver.flows.certificate_902_page import certificate_902_pdf
from archiver.flows.certify_902 import PackageFiles
from archiver.flows.compact import compact
from archiver.flows.ledger import read_state
from archiver.layout import CHECKPOINT
from archiver.ledger import ranges
from archiver.produce.certificate_902 import Declarant
from tests.flows.conftest import opened
from tests.flows.helpers import Quiet
from tests.flows.packages import GAPS, MADE, Made, confirmed, encoded, packaged, text

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def made(captured: Path, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The package of a city's posts; not to be changed."""
    folder = tmp_path_factory.mktemp("package")
    for name in ("archive", "home"):
        shutil.copytree(captured / name, folder / name)
    return packaged(folder)


@pytest.fixture
def own(made: Made, tmp_path: Path) -> Made:
    """A copy of it, to do with as one likes."""
    shutil.copytree(made.folder, tmp_path / "own")
    return replace(made, folder=tmp_path / "own")


def refused(package: Made, /, **changes: Any) -> str:  # noqa: ANN401 - members
    """Return the code by which a certificate is refused."""
    with pytest.raises(ArchiverError) as caught:
        package.certificate(**changes)
    assert isinstance(caught.value, RefusedError | IntegrityError | UsageError)
    return caught.value.code


def test_scenario_25_counsels_pull(own: Made, repo_root: Path) -> None:
    """It re-hashes with sha256sum alone; a certificate has declarant, method, gaps, or is none."""
    for words in (["-c", "manifest-sha256.txt"], ["-c", "tagmanifest-sha256.txt"]):
        subprocess.run(["sha256sum", *words], cwd=own.bag, check=True, capture_output=True)
    one = own.certificate()
    printed = subprocess.run(
        ["sha256sum", "manifest-sha256.txt"], cwd=own.bag, check=True, capture_output=True
    )
    assert one.package.manifest_sha256 == printed.stdout.decode().split()[0]
    told = json.loads(one.encode())
    schema = json.loads((repo_root / "schemas/certificate-902.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(told)
    assert told == json.loads(json.dumps(one.plain()))
    assert told["declarant"]["name"] == "Dana Roe"
    assert [one["rule"] for one in told["certified"]] == ["902(11)", "902(13)", "902(14)"]
    assert [step["name"] for step in told["process"]] == [
        "Capture", "Intake", "Records", "Log", "Verification", "Copying",
    ]  # fmt: skip
    assert "wordpress/" in told["process"][0]["text"]
    given = (own.bag / GAPS).read_bytes()
    rows = json.loads(given)["rows"]
    assert sum(told["missing"]["gaps"]["rows"].values()) == len(rows) > 0
    assert own.certificate().encode() == one.encode()
    (own.bag / GAPS).write_bytes(given[:-1] + b" ")
    assert refused(own) == "certificate-package-changed"
    (own.bag / GAPS).write_bytes(given)
    own.rewrite(GAPS, encoded({"rows": rows[1:]}))
    assert refused(own) == "certificate-gaps-undisclosed"


def test_as_of_a_size_it_stays_the_same(own: Made) -> None:
    """What the archive learns later changes no byte of a certificate as of an earlier size."""
    before = own.certificate()
    archive = opened(own.folder)
    request = {"name": "later", "platform": "wordpress", "url": "https://later.example"}
    accounts.add(archive, request, {"user": "u", "password": "long enough a secret"})
    assert compact(archive, Quiet()).made
    assert read_state(archive).size > own.size
    after = own.certificate()
    assert after.encode() == before.encode()
    assert certificate_902_pdf(after) == certificate_902_pdf(before)


@pytest.mark.parametrize("how", ["changed", "cut", "gone", "more"])
def test_a_package_that_was_changed_has_none(own: Made, how: str) -> None:
    """One bit, one byte less, a file less or more: no certificate."""
    path = min((own.bag / "data/proofs").iterdir())
    data = path.read_bytes()
    if how == "changed":
        path.write_bytes(bytes([data[0] ^ 1]) + data[1:])
    elif how == "cut":
        path.write_bytes(data[:-1])
    elif how == "gone":
        path.unlink()
    else:
        (own.bag / "data/more.txt").write_text("more")
    assert refused(own) == "certificate-package-changed"


@pytest.mark.parametrize("suffix", ["warc.gz", "parquet", "idx"])
def test_records_that_were_changed_have_none(own: Made, suffix: str) -> None:
    """One bit in a stored file of what is exported: it does not verify."""
    archive = opened(own.folder)
    first = own.leaves[0][0]
    (segment,) = [
        one for one in read_state(archive).segments()
        if any(pair[0] <= first < pair[1] for pair in one.leaves)
    ]  # fmt: skip
    (name,) = [one for one in segment.objects if one.startswith(suffix)]
    path = own.folder / "archive" / "u" / segment.unit / f"{segment.name}.{name}"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)
    assert refused(own) == "certificate-unverified"


def test_a_log_that_was_changed_has_none(own: Made) -> None:
    """One bit in a tile of the log: no certificate of any of its records."""
    path = max((own.folder / "archive/log/tile/entries").rglob("*"))
    data = bytearray(path.read_bytes())
    data[40] ^= 1
    path.write_bytes(data)
    with pytest.raises((RefusedError, IntegrityError)):
        own.certificate()


def test_a_finding_elsewhere_does_not_stop_it(own: Made) -> None:
    """A damaged file of other records is not what is exported."""
    archive = opened(own.folder)
    segments = [one for one in read_state(archive).segments() if one.has_records]
    ours = {one.seal for one in segments if ranges.overlap(one.leaves, own.leaves)}
    one = next(one for one in segments if one.seal not in ours)
    (name,) = [suffix for suffix in one.objects if suffix.startswith("warc")]
    path = own.folder / "archive" / "u" / one.unit / f"{one.name}.{name}"
    path.write_bytes(path.read_bytes()[:-1])
    assert own.certificate().verified.findings == 0


def test_what_the_package_does_not_prove_is_not_certified(own: Made) -> None:
    """A version without a proof, a proof of another version, one that is false: no certificate."""
    for leaves in ([*own.leaves, [471, 472]], own.leaves[1:]):
        assert refused(replace(own, leaves=leaves)) == "certificate-unproven"
    name = own.files().proofs[0]
    proof = json.loads((own.bag / name).read_text())
    proof["fields"]["closed"] = []
    own.rewrite(name, json.dumps({**proof, "record": "x:y:posts:1"}).encode())
    assert refused(own) == "certificate-unproven"


def test_proofs_are_found_in_folders_of_folders() -> None:
    """A package may have so many that they stand in folders of their own."""
    names = ["data/PROOFS/0001/3.json", "data/proofs/4.json", "data/PROOFS/a.txt", "data/x.json"]
    found = PackageFiles(b"", names, lambda _: []).proofs
    assert found == ["data/PROOFS/0001/3.json", "data/proofs/4.json"]


@pytest.mark.parametrize("missing", ["name", "title", "qualifications"])
def test_somebody_has_to_certify(made: Made, missing: str) -> None:
    """Without a name, a title or qualifications there is nobody to sign."""
    told = {"name": "Dana Roe", "title": "Clerk", "qualifications": "Keeps them.", missing: " "}
    assert refused(made, declarant=Declarant(**told)) == "certificate-declarant"
    assert refused(made, keeper="") == "certificate-declarant"


@pytest.mark.parametrize("given", [{"rows": []}, {}, [], "all is well"])
def test_gaps_that_are_not_told_have_none(own: Made, given: object) -> None:
    """A gap report that leaves a row out, or is none, discloses nothing."""
    own.rewrite(GAPS, encoded(given))
    assert refused(own) == "certificate-gaps-undisclosed"
    own.rewrite(GAPS, b"\xff{")
    assert refused(own) == "certificate-gaps-undisclosed"


def test_gaps_can_not_be_left_out_by_asking_less(own: Made) -> None:
    """Whatever is handed over is asked about, also where the pull names another stream."""
    rows = json.loads((own.bag / GAPS).read_text())["rows"]
    fewer = [row for row in rows if row["stream"] != "posts"]
    assert fewer != rows
    own.rewrite(GAPS, encoded({"rows": fewer}))
    for scopes in ([], [own.request().scopes[0]._replace(streams=("comments",))]):
        assert refused(own, scopes=scopes) == "certificate-gaps-undisclosed"
    assert refused(own, gaps="data/none.json") == "certificate-gaps-undisclosed"


def test_only_a_confirmed_text_is_final(made: Made) -> None:
    """A draft says so, and why; final it is refused until somebody has confirmed every rule."""
    draft = made.certificate()
    assert draft.draft
    assert "nobody has confirmed it" in draft.why_draft[0]
    assert refused(made, final=True) == "certificate-text-unconfirmed"
    final = made.certificate(final=True, text=confirmed())
    assert (final.draft, final.why_draft) == (False, ())
    assert final.court.confirmed is not None
    assert final.court.confirmed.by == "Kim Poe"
    unread = confirmed("us-il")
    assert refused(made, final=True, text=unread) == "certificate-text-unconfirmed"
    read = made.certificate(final=True, text=unread, kinds=["regular-activity"])
    assert [one.citation for one in read.certified] == ["Ill. R. Evid. 902(11)"]
    again = made.certificate(text=confirmed())
    assert (again.draft, again.why_draft) == (True, ("a draft was asked for",))


def test_a_rule_has_to_be_there_and_in_force(made: Made) -> None:
    """A kind that the court has no rule of, and a day before the rule."""
    assert refused(made, text=text("us-wi"), kinds=["digital-copy"]) == "certificate-rule-unknown"
    early = "2017-11-30T12:00:00.000000Z"
    assert refused(made, made=early) == "certificate-rule-not-in-force"
    assert refused(made, made=early, kinds=["regular-activity"]) == "certificate-time"


def test_the_checkpoint_has_to_be_over_all_of_it(made: Made) -> None:
    """A size before the records, one after the checkpoint, or another archive's checkpoint."""
    assert refused(made, size=made.leaves[0][0]) == "certificate-checkpoint"
    assert refused(made, size=made.size + 99) == "size-unknown"
    note = (made.folder / "archive" / CHECKPOINT).read_bytes()
    with pytest.raises(ArchiverError):
        made.certificate(checkpoint=note.replace(b"\n", b"x\n", 1))


def test_it_says_what_limits_it(made: Made) -> None:
    """Grades, replaced credentials, gaps, and that no witness has cosigned."""
    one = made.certificate(withheld=2, not_searched={"private": 3})
    codes = {limit.code for limit in one.limits}
    assert {"gaps", "credentials-replaced", "withheld", "not-searched", "repeats"} <= codes
    (grade,) = one.provenance.grades
    assert (grade.platform, grade.stream) == ("wordpress", "posts")
    assert grade.citation
    assert one.provenance.replacements
    assert one.provenance.rests.ended == 0
    assert one.ledger.outside.startswith("No independent witness")
    assert (one.scope.accounts, one.scope.streams) == (("city-blog",), ("posts",))


def test_a_hand_has_to_sign_it(made: Made) -> None:
    """Day and signature are empty; a final page has lines for them, a draft says DRAFT."""
    final = made.certificate(final=True, text=confirmed())
    assert (final.signature.executed_on, final.signature.signature) == ("", "")
    said = read(certificate_902_pdf(final))
    assert "Executed on: ____" in said
    assert "under penalty of perjury" in said
    assert "DRAFT" not in said
    assert final.package.manifest_sha256 in said.replace(" ", "")
    draft = read(certificate_902_pdf(made.certificate()))
    assert "DRAFT, not to be signed" in draft
    assert "Executed on: ____" not in draft


def test_it_has_no_word_of_a_record(made: Made) -> None:
    """Neither JSON nor page says what a record says, or which records they are."""
    one = made.certificate()
    said = one.encode().decode() + read(certificate_902_pdf(one))
    rows = (made.bag / "data/rows/posts.csv").read_text()
    titles = {line.split('"')[1] for line in rows.splitlines()[1:] if '"' in line}
    assert titles
    assert not [title for title in titles if len(title) > 12 and title in said]
    assert MADE[:10] in said


def read(data: bytes) -> str:
    """Return what a PDF says."""
    pages = PdfReader(io.BytesIO(data)).pages
    return " ".join(" ".join(one.extract_text() for one in pages).split())
