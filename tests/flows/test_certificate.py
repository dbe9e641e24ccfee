"""Certificates of orders in the log of a real archive: what they say, and forged ones."""

from __future__ import annotations

import json
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from pypdf import PdfReader

from archiver.errors import ArchiverError, FormatError, IntegrityError, RefusedError, UsageError
from archiver.flows import orders, outside_acts
from archiver.flows.certificate_page import certificate_pdf
from archiver.flows.certified_bags import note_bag
from archiver.flows.certifying import certificate, check_certificate, is_certificate
from archiver.flows.deciding import seal_drafts
from archiver.flows.documents import seal_documents
from archiver.flows.extraordinary import removal
from archiver.flows.retiring import retire
from archiver.ledger import ranges
from archiver.retention.report import CopyReport
from tests.cli.terminal import validator
from tests.flows.ended import (
    WORDS,
    begin,
    copy_of,
    done,
    gone,
    ordered,
    reported,
    state_of,
    taken_out,
    under_way,
)
from tests.flows.hall import Hall, comment
from tests.flows.helpers import Quiet
from tests.flows.test_orders import hold

if TYPE_CHECKING:
    from collections.abc import Callable

    from archiver.retention.certificate import Certificate


def checked(hall: Hall, made: Certificate) -> None:
    """Hold a certificate against the archive's key and its schema."""
    data = made.encode()
    assert is_certificate(data)
    assert check_certificate(data, hall.archive.identity.keys).certificate == made
    validator("certificate-of-destruction").validate(json.loads(data))


def test_of_an_order_that_is_done(hall: Hall) -> None:
    """It says who, when, by which rule, of which copies; and nothing of any record."""
    name = under_way(hall, comment(1), comment(2))
    reported(hall, name)
    done(hall, name, "archive", "far")
    found = certificate(hall.archive, name)
    made = found.certificate
    checked(hall, made)
    assert (made.shown.outcome, made.shown.halted_by) == ("destroyed", "")
    counts = made.told.counts
    assert (counts.records, counts.records_gone, counts.records_saved) == (2, 2, 0)
    assert (counts.versions, counts.versions_gone) == (2, 2)
    assert {one.name for one in made.told.people.approved} == {"anna", "bert"}
    assert [one.name for one in made.told.people.proposed] == ["clerk"]
    assert [one.name for one in made.told.people.began] == ["purger"]
    assert made.told.rule.citation == "Application 26-1, item 7"
    copies = {one.handle: one for one in made.told.copies}
    assert copies[copy_of(hall)].removed == 3
    assert copies[copy_of(hall, "far")].removed is None
    assert {one.result for one in copies.values()} == {"gone"}
    assert [one.what for one in made.entries] == [
        "order",
        "begin",
        "destroy",
        "gone",
        "gone",
        "done",
    ]
    codes = {one.code for one in made.limits}
    assert {"undeclared-copies", "origin", "stored-plain", "keys-survive"} <= codes
    assert not {"halted", "partly", "unreported"} & codes
    assert b"comments:" not in made.encode()
    assert found.records["ordered"] == [comment(1), comment(2)]


def test_the_same_bytes_each_time(hall: Hall) -> None:
    """The ledger may grow: once a cosigned checkpoint has it all, a certificate stays as it is."""
    name = under_way(hall, comment(1))
    done(hall, name)
    first = certificate(hall.archive, name).certificate
    assert certificate(hall.archive, name).certificate.encode() == first.encode()
    hold(hall, comment(3))
    checked(hall, first)
    checked(hall, certificate(hall.archive, name).certificate)


def test_of_an_order_that_was_halted(hall: Hall) -> None:
    """What went, what was saved and why is told; what did not go is called so."""
    name = under_way(hall, comment(1), comment(2))
    going = taken_out(hall, name, 1)
    hold(hall, comment(2))
    early = certificate(hall.archive, name).certificate
    checked(hall, early)
    assert [one.result for one in early.told.copies] == ["unknown"]
    gone(hall, name, going)
    made = certificate(hall.archive, name).certificate
    checked(hall, made)
    assert (made.shown.outcome, made.shown.halted_by) == ("halted", "hold")
    counts = made.told.counts
    assert (counts.versions, counts.versions_gone, counts.versions_saved) == (2, 1, 1)
    assert [one.what for one in made.entries][-2:] == ["halt", "gone"]
    assert (made.shown.segments, made.told.copies[0].result) == (1, "gone")
    assert {"halted", "unreported"} <= {one.code for one in made.limits}
    assert ranges.count(state_of(hall, name).saved) == 1
    assert certificate_pdf(made)


def test_of_one_that_people_halted(hall: Hall) -> None:
    """What people or the authority outside stopped is told with who did."""
    name = under_way(hall, comment(1), comment(2))
    gone(hall, name, taken_out(hall, name, 1))
    stopped = orders.halt(hall.archive, name, "asked for").signed(hall.keys("anna"))
    seal_drafts(hall.archive, [stopped])
    made = certificate(hall.archive, name).certificate
    checked(hall, made)
    assert made.shown.halted_by == "halt"
    assert [one.name for one in made.told.people.ended] == ["anna"]


def test_of_what_went_without_being_allowed(hall: Hall) -> None:
    """There is no certificate of it, but the finding."""
    name = under_way(hall, comment(1), comment(2))
    going = taken_out(hall, name, 1)
    gone(hall, name, state_of(hall, name).leaves)
    assert going != state_of(hall, name).leaves
    hold(hall, comment(2))
    with pytest.raises(IntegrityError, match="does not allow") as raised:
        certificate(hall.archive, name)
    assert raised.value.code == "destroyed-unlawfully"


def test_a_copy_of_which_nothing_is_said(hall: Hall) -> None:
    """A copy that execution saw and no entry speaks of is listed as unknown, and told of."""
    name = under_way(hall, comment(1))
    seen = CopyReport("far", copy_of(hall, "far"), "cellar", 3, 0, "2026-11-30T04:00:00.000000Z")
    reported(hall, name, copies=(seen,))
    done(hall, name)
    made = certificate(hall.archive, name).certificate
    checked(hall, made)
    (own,) = (one for one in made.told.copies if one.handle == seen.handle)
    assert (own.result, own.versions) == ("unknown", 0)
    assert "partly" in {one.code for one in made.limits}


def retired(hall: Hall, name: str, became: str = "lost", to: str = "") -> None:
    """Have two people retire a copy, and let the waiting time pass."""
    words = {"reason": "the disks were thrown away", "to": to, "copy_sha256": "cd" * 32}
    made = retire(hall.archive, name, became, words, hall.now.date())
    seal_drafts(hall.archive, [made.signed(hall.keys("clerk", "counsel"))])
    hall.later(4)


def tell_of(hall: Hall, *names: str) -> None:
    """Tell of copies in the ledger."""
    for name in names:
        seal_documents(hall.archive, {}, [{"t": "copy", "copy": copy_of(hall, name)}])


def test_a_copy_that_was_retired(hall: Hall) -> None:
    """No order waits for it; every certificate of what it may have has what became of it."""
    tell_of(hall, "far", "near", "old")
    retired(hall, "old", "destroyed")
    tell_of(hall, "old")
    name = under_way(hall, comment(1))
    with pytest.raises(RefusedError, match="not all of it is gone of every copy"):
        done(hall, name, "archive", "near", "old")
    retired(hall, "far", "handed-over", "County Clerk")
    done(hall, name)
    made = certificate(hall.archive, name).certificate
    checked(hall, made)
    copies = {one.handle: one for one in made.told.copies}
    far, near, old = (copies[copy_of(hall, one)] for one in ("far", "near", "old"))
    assert (far.result, near.result, old.result) == ("retired", "gone", "gone")
    assert near.retired is None
    assert far.retired is not None
    assert (far.retired.became, far.retired.to) == ("handed-over", "County Clerk")
    assert old.retired is not None
    assert old.retired.became == "destroyed"
    assert made.shown.retired == (far.handle,)
    limits = {one.code: one.text for one in made.limits}
    assert ": 1." in limits["retired-copies"]
    assert "partly" not in limits
    text = " ".join(one.extract_text() for one in PdfReader(BytesIO(certificate_pdf(made))).pages)
    assert "handed-over to County Clerk" in text
    for what in ("copy", "retire"):
        found = json.loads(made.encode())
        found["entries"].remove([one for one in found["entries"] if one["what"] == what][-1])
        with pytest.raises(IntegrityError):
            check_certificate(_spelled(found), hall.archive.identity.keys)


def test_bags_are_told_of(hall: Hall) -> None:
    """What was handed to others of what went is listed with its count; another bag is not."""
    name = under_way(hall, comment(1), comment(2))
    leaves = state_of(hall, name).leaves
    first = leaves[0][0]
    for number, own in enumerate(([[first, first + 1]], leaves, [[0, 1]])):
        told = {"to": "State Archives", "made": "2026-11-30T04:00:00.000000Z", "leaves": own}
        note_bag(hall.archive, told, f"{number}" * 64)
    done(hall, name)
    made = certificate(hall.archive, name).certificate
    checked(hall, made)
    assert [(one.manifest_sha256[0], one.versions) for one in made.told.bags] == [
        ("0", 1),
        ("1", 2),
    ]
    assert "given-out" in {one.code for one in made.limits}


def test_a_set_in_a_file(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long set stands in a file that a reader of the certificate has not: it says so."""
    monkeypatch.setattr("archiver.flows.deciding.MOST_RANGES", 0)
    name = under_way(hall, comment(1))
    done(hall, name)
    made = certificate(hall.archive, name).certificate
    checked(hall, made)
    assert made.shown.versions is None
    assert [one.whole for one in made.shown.copies] == [None]
    assert made.told.counts.versions == 1


def test_of_an_order_that_asked_somebody_outside(hall: Hall) -> None:
    """Whom it asked, when, and the answer are told; what the answer struck is not counted."""
    asked = {
        "kind": "certificate",
        "to": "Records Commission",
        "days": 0,
        "citation": "50 ILCS 205",
    }
    answers = [{"answer": "as-amended", "goes": "named", "copy": True}]
    words = {**WORDS, "outside": {**asked, "outcomes": answers}}
    name = ordered(hall, words, comment(1), comment(2))
    day = hall.now.date()
    sent = outside_acts.submit(hall.archive, name, "certificate", day, "letter 7")
    seal_drafts(hall.archive, [sent.signed(hall.keys("clerk"))])
    told = outside_acts.outcome(hall.archive, name, "as-amended", day, "cd" * 32, [comment(1)])
    seal_drafts(hall.archive, [told.signed(hall.keys("clerk", "counsel"))])
    begin(hall, name)
    done(hall, name)
    made = certificate(hall.archive, name).certificate
    checked(hall, made)
    assert [one.what for one in made.entries][:4] == ["order", "submit", "outcome", "begin"]
    assert (made.told.counts.records, made.shown.versions) == (1, 1)
    outside = made.told.outside
    assert outside is not None
    assert (outside.to, outside.sent) == ("Records Commission", (str(day),))
    assert [one.copy_sha256 for one in outside.answers] == ["cd" * 32]
    assert certificate_pdf(made) == certificate_pdf(made)


def test_of_an_extraordinary_order(hall: Hall) -> None:
    """It is shown as such: by no schedule, by whose authority, and which counsel signed it."""
    told = {"authority": "Case 26-C-118", "reason": "sealed by the court", "copy_sha256": ""}
    order = removal(hall.archive, [comment(1)], "court-order", told, hall.of("clerk"), Quiet())
    seal_drafts(hall.archive, [order.signed(hall.keys("counsel", "anna", "bert"))])
    name = str(order.act.statement["order"])
    begin(hall, name)
    done(hall, name)
    made = certificate(hall.archive, name).certificate
    checked(hall, made)
    assert made.shown.kind == "order-extraordinary"
    assert made.told.extraordinary is not None
    assert made.told.extraordinary.authority == "Case 26-C-118"
    assert [one.name for one in made.told.people.counsel] == ["counsel"]
    text = " ".join(one.extract_text() for one in PdfReader(BytesIO(certificate_pdf(made))).pages)
    assert "by no schedule: a court ordered it" in text
    assert "Case 26-C-118" in text


def test_not_before_it_ended(hall: Hall) -> None:
    """There is none of an order under way, of one halted before anything went, or of none."""
    name = under_way(hall, comment(1))
    with pytest.raises(RefusedError, match="has not ended"):
        certificate(hall.archive, name)
    hold(hall, comment(1))
    with pytest.raises(RefusedError, match="nothing of the order went"):
        certificate(hall.archive, name)
    with pytest.raises(UsageError):
        certificate(hall.archive, "a" * 26)


def test_a_report_that_is_none(hall: Hall) -> None:
    """A certificate is not made of a report that somebody changed."""
    name = under_way(hall, comment(1))
    done(hall, name)
    hall.archive.home.write(f"orders/{name}/report.json", b'{"copies":[],"shredded":0,"x":1}')
    with pytest.raises(FormatError, match="not a report"):
        certificate(hall.archive, name)


def _entry(found: dict[str, Any], what: str) -> dict[str, Any]:
    return next(one for one in found["entries"] if one["what"] == what)


def _people(found: dict[str, Any]) -> dict[str, Any]:
    people: dict[str, Any] = found["told"]["people"]
    return people


def _of_another(proof: str) -> str:
    return proof.replace("index ", "index 1")


def _time_of_order(found: dict[str, Any]) -> None:
    entry = _entry(found, "order")
    body = json.loads(entry["text"])
    body["time"] = body["time"].replace("2026", "2025")
    entry["text"] = json.dumps(body, sort_keys=True, separators=(",", ":"))


FORGED: dict[str, Callable[[dict[str, Any]], object]] = {
    "an entry's text": _time_of_order,
    "an entry's hash": lambda one: _entry(one, "done").update(hash="00" * 32),
    "an entry's place": lambda one: _entry(one, "begin").update(entry=1),
    "what an entry is": lambda one: _entry(one, "begin").update(what="done"),
    "a path": lambda one: _entry(one, "order")["path"].reverse(),
    "a path spelled otherwise": lambda one: _entry(one, "order")["path"].__setitem__(
        0, _entry(one, "order")["path"][0] + "\n"
    ),
    "an entry left out": lambda one: one["entries"].remove(_entry(one, "gone")),
    "a seal left out": lambda one: one["entries"].remove(_entry(one, "destroy")),
    "no beginning": lambda one: one["entries"].remove(_entry(one, "begin")),
    "an entry twice": lambda one: one["entries"].append(one["entries"][-1]),
    "no entries": lambda one: one.update(entries=[]),
    "another order": lambda one: one["shown"].update(order="a" * 26),
    "another day": lambda one: one["shown"].update(ended="2020-01-01T00:00:00.000000Z"),
    "another signer": lambda one: one["shown"]["signed"].update(begin=["a" * 26]),
    "another log": lambda one: one.update(origin="elsewhere.example/log"),
    "another archive": lambda one: one.update(archive="archive2"),
    "another proof": lambda one: one.update(tlog_proof=_of_another(one["tlog_proof"])),
    "a limit left out": lambda one: one["limits"].pop(0),
    "a limit in other words": lambda one: one["limits"][0].update(text="nothing is left anywhere"),
    "another approver": lambda one: _people(one)["approved"][0].update(handle="a" * 26),
    "one approver": lambda one: _people(one)["approved"].pop(),
    "another who began": lambda one: _people(one)["began"][0].update(handle="a" * 26),
    "nobody who ended it": lambda one: _people(one)["ended"].clear(),
    "a hold that nobody names": lambda one: one["told"]["holds"].update(stood=1),
    "a counsel who did not sign": lambda one: _people(one).update(
        counsel=[{"handle": "a" * 26, "name": "", "office": ""}]
    ),
    "by no schedule": lambda one: one["told"].update(
        extraordinary={"kind": "court-order", "authority": "me", "copy_sha256": ""}
    ),
    "another kind of order": lambda one: one["shown"].update(kind="order-extraordinary"),
    "another who proposed": lambda one: _people(one)["proposed"][0].update(handle="a" * 26),
    "a copy left out": lambda one: one["told"]["copies"].pop(),
    "a copy twice": lambda one: one["told"]["copies"].append(one["told"]["copies"][0]),
    "a result": lambda one: one["told"]["copies"][0].update(result="partly"),
    "a copy's count": lambda one: one["told"]["copies"][0].update(versions=7),
    "more versions": lambda one: one["told"]["counts"].update(versions=7, versions_gone=7),
    "something saved": lambda one: one["told"]["counts"].update(records_gone=0, records_saved=1),
    "a member more": lambda one: one["told"].update(note="all well"),
    "another schema": lambda one: one.update(schema="civic-archive/proof/v1"),
}  # fmt: skip


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory, first_hall: Hall) -> tuple[bytes, list[str]]:
    """A certificate, and the keys of its archive."""
    hall = first_hall.copy(tmp_path_factory.mktemp("given"))
    name = under_way(hall, comment(1))
    done(hall, name)
    return certificate(hall.archive, name).certificate.encode(), list(hall.archive.identity.keys)


def _spelled(found: dict[str, Any]) -> bytes:
    return json.dumps(found, ensure_ascii=False, indent=1).encode() + b"\n"


def test_it_is_spelled_in_one_way(given: tuple[bytes, list[str]]) -> None:
    """What the forgeries below are made from is taken; the same in another spelling is not."""
    data, keys = given
    assert _spelled(json.loads(data)) == data
    assert check_certificate(data, keys).index > 0
    for other in (data.rstrip(), data.replace(b'"archive"', b'"archive" ', 1), data + b"\n"):
        with pytest.raises(FormatError, match="spelled otherwise"):
            check_certificate(other, keys)


@pytest.mark.parametrize("change", FORGED.values(), ids=FORGED)
def test_a_forged_one_does_not_hold(
    change: Callable[[dict[str, Any]], object], given: tuple[bytes, list[str]]
) -> None:
    """Whatever is changed that the ledger shows, or that would hide a limit, is found."""
    data, keys = given
    found = json.loads(data)
    change(found)
    with pytest.raises((FormatError, IntegrityError)):
        check_certificate(_spelled(found), keys)


def test_another_archive_s_key_does_not_do(given: tuple[bytes, list[str]]) -> None:
    """A certificate is checked against a key of its archive, and no other."""
    data, (key,) = given
    with pytest.raises(ArchiverError):
        check_certificate(data, [key[:-8] + "AAAAAAA="])
    with pytest.raises(ArchiverError):
        check_certificate(data, [])
