"""Productions: nothing withheld is in them, all else is proven, and the same comes out again."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from archiver.errors import RefusedError, UsageError
from archiver.flows import matter_acts, produce_certificate, produce_choice
from archiver.flows.court_texts import court_text
from archiver.flows.marking import Wanted
from archiver.flows.matter_acts import Tagged
from archiver.flows.numbering import reserve
from archiver.flows.produce import How, produce
from archiver.flows.produce_certificate import Certifying, Declarant
from archiver.flows.produce_settled import hand_over
from archiver.flows.verify import verify
from archiver.produce.bates import Scheme
from archiver.produce.families import families
from archiver.produce.matter import PRIVILEGED
from archiver.produce.profile import Bates
from archiver.produce.scope import Scope
from archiver.wire.certificates import certificate_texts
from archiver.wire.masking import masker
from archiver.wire.volumes import programs, volume_folder
from tests.attacks.needles import Dead, found
from tests.flows.board import Board, Posted, asked
from tests.flows.helpers import Quiet
from tests.flows.test_marking import EXEMPTIONS, decide, office  # noqa: F401 - a fixture
from tests.flows.test_matters import approved, message, opened, sealed, tagged
from tests.flows.test_purge import with_board
from tests.flows.test_redacting import NAME, PHONE, ROW, seal
from tests.produce.reading_back import places
from tests.produce.writing import profile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from archiver.flows.produce import Produced
    from archiver.flows.volume import Folder
    from tests.flows.hall import Hall

RECORD = "stand-in:city:posts:17"
EVERYTHING = Scope()
EVERY = (
    *("csv", "dat", "eml", "html", "images", "jsonl", "natives", "parquet", "pdf", "proofs"),
    *("rsmf", "text", "wacz", "xlsx"),
)
PRIVATE = {
    "ssn": "078-05-1120", "phone": "630-555-0177", "mail": "jo.doe.private@mail.example",
    "licence": "D400-7836-0001", "account": "4000123412341234", "password": "hunter2-xyzzy-77",
    "medical": "schizoaffective-7731", "biometric": "fingerprint-minutiae-93x",
    "address": "1187-Larkspur-Terrace", "minor": "Peregrine-Quillfeather-Jr",
}  # fmt: skip


@pytest.fixture
def town(first_hall: Hall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hall:
    """A hall with an account on the board, and a few posts of it."""
    hall = with_board(first_hall, tmp_path / "town", monkeypatch)
    Posted(hall.archive, Board()).take(asked("posts 1 the culvert\nposts 2 the bridge\n"))
    return hall


def how(**changes: object) -> How:
    """Return how volumes are made here: without pages, which take long."""
    made = profile("data", channels=("dat", "text", "csv", "jsonl", "proofs"))
    told = How(
        made, "FOIA-2026-0117", 1, 1, programs(), tuple(EXEMPTIONS.by_code.values()), masker()
    )
    return replace(told, **changes)  # type: ignore[arg-type]  # its own members


def made(
    hall: Hall,
    path: Path,
    about: str | Scope = EVERYTHING,
    size: int = 0,
    ways: How | None = None,
) -> Produced:
    """Produce into a folder."""
    with volume_folder(path) as folder:
        return produce(hall.archive, about, size or hall.size, ways or how(), folder, Quiet())


def bytes_of(path: Path) -> Mapping[str, bytes]:
    """Return every file of a folder."""
    return {
        one.relative_to(path).as_posix(): one.read_bytes()
        for one in path.rglob("*")
        if one.is_file()
    }


def checked(path: Path, key: str) -> str:
    """Have the volume's own program verify it, as a resident would; return what it says."""
    command = [sys.executable, str(path / "data" / "check.py"), "--key", key]
    ran = subprocess.run(command, capture_output=True, check=False, text=True, cwd="/")
    return f"{ran.returncode} {ran.stdout}{ran.stderr}"


def saying(hall: Hall, text: str, native: str, stream: str = "posts") -> str:
    """Have somebody say a text in every field of a post that was edited; return its id."""
    said = {name: value.replace(PHONE, text) for name, value in ROW.items()}
    row = {name: value.replace("6305550142", text) for name, value in said.items()}
    row["extra"] = json.dumps({"text": f"so {text} it is"})
    if stream == "posts":  # rows of others have no such fields
        row |= {"file_name": f"{text}.jpg", "alt_text": f"a picture of {text}"}
    else:
        del row["tags"]
    edited = {"text": f"Changed: {text} it was.", "state": "approved"}
    told = {"stream": stream, "page_url": f"https://city.example/c#{text}"}
    seal(hall.archive, native, [row, edited], **told)
    return f"stand-in:city:{stream}:{native}"


def test_nothing_withheld_is_in_any_channel(office: Hall, tmp_path: Path) -> None:  # noqa: F811 - a fixture
    """Ten kinds of private things, in every field, version and channel; unmarked, all are found."""
    streams = ("posts", "comments", "messages")
    records = {
        kind: saying(office, text, f"9{number}", streams[number % 3])
        for number, (kind, text) in enumerate(PRIVATE.items())
    }
    ways = how(profile=profile("data", channels=EVERY))
    made(office, tmp_path / "open", ways=ways)
    shown = {kind: places(tmp_path / "open", text) for kind, text in PRIVATE.items()}
    channels = {name.split("/")[2] for own in shown.values() for name in own if "VOL001/" in name}
    assert channels >= {"DATA", "PDF", "TEXT", "RSMF", "EML", "HTML", "WACZ"}
    assert all(shown.values())
    for kind, record in records.items():
        decide(office, Wanted(record, "7(1)(b)", f"it is private: {kind}", find=PRIVATE[kind]))
    done = made(office, tmp_path / "closed", ways=ways)
    assert done.written.withheld == len(PRIVATE)
    leaks = {kind: places(tmp_path / "closed", text) for kind, text in PRIVATE.items()}
    assert not any(leaks.values()), leaks
    dead = Dead()
    for text in PRIVATE.values():
        dead.word(text)
        dead.digests("value", text.encode())
    assert found(dead, bytes_of(tmp_path / "closed").items()) == {}
    assert checked(tmp_path / "closed", office.archive.identity.keys[0]).startswith("0 ")


def test_a_number_is_withheld_and_every_other_word_proven(office: Hall, tmp_path: Path) -> None:  # noqa: F811 - a fixture
    """Under the same signed root as the whole; one changed byte is found and named."""
    made(office, tmp_path / "whole")
    decide(office, Wanted(RECORD, "7(1)(b)", "a private number", find=PHONE))
    done = made(office, tmp_path / "part")
    key = office.archive.identity.keys[0]
    proofs = sorted((tmp_path / "part" / "data" / "PROOFS").rglob("*.json"))
    texts = {one.stem: one.read_text() for one in proofs}
    assert any(NAME.split()[0] in text for text in texts.values())
    assert places(tmp_path / "part", PHONE) == set()
    assert done.written.withheld == 1
    assert checked(tmp_path / "part", key).startswith("0 ")
    spoilt = max(proofs, key=lambda one: len(one.read_bytes()))
    spoilt.write_bytes(spoilt.read_bytes().replace(b"culvert", b"cUlvert", 1))
    told = checked(tmp_path / "part", key)
    assert told.startswith("1 ")
    assert spoilt.name in told


def test_the_same_size_gives_the_same_bytes(office: Hall, tmp_path: Path) -> None:  # noqa: F811 - a fixture
    """However much was captured, marked and tagged since."""
    size = office.size
    made(office, tmp_path / "first", size=size)
    seal(office.archive, "18", [ROW])
    decide(office, Wanted(RECORD, "7(1)(b)", "a private number", find=PHONE))
    made(office, tmp_path / "again", size=size)
    assert bytes_of(tmp_path / "first") == bytes_of(tmp_path / "again")
    made(office, tmp_path / "now")
    assert bytes_of(tmp_path / "first") != bytes_of(tmp_path / "now")


def test_nobody_else_says_it_unseen(office: Hall, tmp_path: Path) -> None:  # noqa: F811 - a fixture
    """The query in the hit report, the reason of a mark, and records that nobody marked."""
    seal(office.archive, "18", [{"text": f"I called {PHONE} too.", "state": "approved"}])
    decide(office, Wanted(RECORD, "7(1)(b)", "a private number", find=PHONE))
    done = made(office, tmp_path / "vol", Scope(f'culvert OR "{PHONE}"'))
    assert done.elsewhere == ("stand-in:city:posts:18",)
    leaks = places(tmp_path / "vol", PHONE)
    assert not [name for name in leaks if name.startswith("data/HITREPORT")], leaks
    parts = PHONE.split("-")
    for name, query in (("split", " AND ".join(parts)), ("quoted", f'culvert OR "{PHONE}"')):
        made(office, tmp_path / name, Scope(query))
        report = (tmp_path / name / "data" / "HITREPORT.json").read_text()
        told = json.loads(report)
        assert not {one["term"] for one in told["terms"]} & {*parts, "culvert"}
        assert (told["query"], told["read"]) == ("[withheld]", "[withheld]")
    with pytest.raises(RefusedError, match="name of the matter"):
        made(office, tmp_path / "other", ways=how(name=f"call-{PHONE}"))


class Dies(Quiet):
    """Ends the process, so to say, at its third document."""

    def step(self, done: int, total: int | None, what: str) -> None:
        """Die in the middle."""
        if done == 3:
            raise KeyboardInterrupt


def test_a_killed_production_is_carried_on(office: Hall, tmp_path: Path) -> None:  # noqa: F811 - a fixture
    """What the next run makes is what an undisturbed one makes."""
    for number in range(20, 26):
        seal(office.archive, str(number), [ROW])
    with (
        pytest.raises(KeyboardInterrupt),
        volume_folder(tmp_path / "vol") as folder,
    ):
        produce(office.archive, EVERYTHING, office.size, how(), folder, Dies())
    assert not (tmp_path / "vol").exists()
    made(office, tmp_path / "vol")
    made(office, tmp_path / "other")
    assert bytes_of(tmp_path / "vol") == bytes_of(tmp_path / "other")


def test_what_does_not_add_up_is_not_handed_over(
    office: Hall,  # noqa: F811 - a fixture
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A record that is forgotten on the way stops it all."""
    forgets = families
    monkeypatch.setattr(produce_choice, "families", lambda things: forgets(things)[:-1])
    with pytest.raises(RefusedError, match="not accounted for") as refused:
        made(office, tmp_path / "vol")
    assert refused.value.code == "not-conserved"
    with pytest.raises(UsageError, match="nothing is there to hand over"):
        made(office, tmp_path / "vol", Scope("nobody-says-this"))
    assert not (tmp_path / "vol").exists()


def test_a_matter_goes_from_question_to_volume(office: Hall, tmp_path: Path) -> None:  # noqa: F811 - a fixture
    """Tags decide what goes, numbers are reserved, private records wait for somebody's approval."""
    hall = office
    for number in (31, 32, 33):
        seal(hall.archive, str(number), [ROW | {"text": f"The culvert again, number {number}."}])
    name = opened(hall, Scope("culvert", private=True), "FOIA 2026-0117")
    posts = [f"stand-in:city:posts:{number}" for number in (31, 32, 33)]
    note = Tagged(PRIVILEGED, "attorney-client", "to the village attorney, for advice")
    sealed(hall, matter_acts.tag(hall.archive, name, posts[:1], note), "clerk")
    note = Tagged("exempt", "7(1)(c)", "it is about a child")
    sealed(hall, matter_acts.tag(hall.archive, name, posts[1:2], note), "clerk")
    tagged(hall, name, "second-look", posts[2])
    with pytest.raises(RefusedError, match="second look"):
        made(hall, tmp_path / "vol", name)
    tagged(hall, name, "second-look", posts[2], back=True)
    assert {message(1), message(2), posts[2]} <= {*produce_choice.asked_for(hall.archive, name)}
    approved(hall, name, message(1))
    reserve(hall.archive, name, Scheme("CITY"), 50, hall.keys("clerk"))
    ways = how(profile=profile("data", channels=("dat", "text", "proofs"), bates=Bates("CITY")))
    done = made(hall, tmp_path / "vol", name, ways=ways)
    assert message(1) in done.choice.records
    assert not {*posts[:2], message(2)} & {*done.choice.records}
    counts = {one.detail: one.records for one in done.conservation.lines if one.records}
    assert counts["privileged"] == counts["7(1)(c)"] == 1
    assert counts[produce_choice.UNAPPROVED] == 2
    assert places(tmp_path / "vol", "number 31") == places(tmp_path / "vol", "number 32") == set()
    withheld = json.loads((tmp_path / "vol" / "data" / "EXEMPTIONS.json").read_bytes())["rows"]
    assert [one["basis"] for one in withheld] == ["it is about a child"]
    _check_matter(hall, (name, done, ways), tmp_path)


def _check_matter(hall: Hall, made_of: tuple[str, Produced, How], tmp_path: Path) -> None:
    """What is withheld has its reasons; the log is told of the volume, once."""
    name, done, ways = made_of
    (privileged,) = json.loads((tmp_path / "vol" / "data" / "PRIVILEGE.json").read_bytes())
    assert privileged["privilege"] == "attorney-client"
    assert checked(tmp_path / "vol", hall.archive.identity.keys[0]).startswith("0 ")
    assert hand_over(hall.archive, name, done, ways, hall.keys("clerk")) == 1
    with pytest.raises(UsageError, match="another number"):
        hand_over(hall.archive, name, done, ways, hall.keys("clerk"))
    seal(hall.archive, "34", [ROW])
    more = made(hall, tmp_path / "more", name, ways=replace(ways, volume=2, supplemental=True))
    assert more.choice.records == ["stand-in:city:posts:34"]
    assert verify(hall.archive, Quiet(), deep=True).findings == []


def test_scenario_25_of_a_production(town: Hall, tmp_path: Path) -> None:
    """It is hashed again with sha256sum alone; the certificate has declarant, method, gaps."""
    text = court_text(certificate_texts(), "us-federal")
    who = Declarant("Kim Poe", "Village Clerk", "keeps the records of the village since 2019")
    ways = how(certifying=Certifying(text, who, "Village of Westmont"))
    made(town, tmp_path / "vol", ways=ways)
    ran = subprocess.run(
        ["sha256sum", "--check", "--strict", "--quiet", "manifest-sha256.txt"],
        cwd=tmp_path / "vol", check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert (ran.returncode, ran.stdout) == (0, "")
    certificate = json.loads((tmp_path / "vol" / "CERTIFICATE-902.json").read_bytes())
    assert certificate["declarant"]["name"] == "Kim Poe"
    manifest = sha256((tmp_path / "vol" / "manifest-sha256.txt").read_bytes()).hexdigest()
    assert certificate["package"]["manifest_sha256"] == manifest
    made(town, tmp_path / "again", ways=ways, size=certificate["ledger"]["size"])
    assert bytes_of(tmp_path / "vol") == bytes_of(tmp_path / "again")
    final = how(certifying=Certifying(text, who, "Village of Westmont", final=True))
    with pytest.raises(RefusedError, match="can't be final"):
        made(town, tmp_path / "final", ways=final)


def test_one_changed_byte_gives_no_certificate(
    town: Hall,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of the payload while it is certified, of what is stored, or a gap that is left out."""
    text = court_text(certificate_texts(), "us-federal")
    who = Declarant("Kim Poe", "Village Clerk", "keeps the records of the village since 2019")
    ways = how(certifying=Certifying(text, who, "Village of Westmont"))
    read = produce_certificate._read

    def changed(folder: Folder, name: str) -> Iterator[bytes]:
        data = b"".join(read(folder, name))
        yield data.replace(b"culvert", b"cUlvert", 1) if name.endswith(".dat") else data

    with monkeypatch.context() as patch:
        patch.setattr(produce_certificate, "_read", changed)
        with pytest.raises(RefusedError) as refused:
            made(town, tmp_path / "vol", ways=ways)
        assert refused.value.code == "certificate-package-changed"
    with monkeypatch.context() as patch:
        patch.setattr(produce_certificate, "GAPS", "data/NOTHING.json")
        with pytest.raises(RefusedError) as refused:
            made(town, tmp_path / "vol", ways=ways)
        assert refused.value.code == "certificate-gaps-undisclosed"
    assert not (tmp_path / "vol").exists()
