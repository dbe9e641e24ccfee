"""What people write beside records is held against what is withheld: none of it is shown."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace as changed

from archiver.errors import RefusedError
from archiver.flows import matter_acts
from archiver.flows.court_texts import court_text
from archiver.flows.marking import Wanted
from archiver.flows.matter_acts import Tagged
from archiver.flows.produce_certificate import Certifying, Declarant
from archiver.produce.matter import PRIVILEGED
from archiver.produce.scope import Scope
from archiver.wire.certificates import certificate_texts
from tests.flows.test_marking import decide, office  # noqa: F401 - a fixture
from tests.flows.test_matters import opened, sealed
from tests.flows.test_produce import EVERYTHING, RECORD, how, made
from tests.flows.test_redacting import PHONE, ROW, seal
from tests.produce.reading_back import places

if TYPE_CHECKING:
    from pathlib import Path

    from archiver.flows.produce import How
    from tests.flows.hall import Hall

OTHER = "stand-in:city:posts:18"
SPELT = "630.555.0142"
"""The number in another spelling than that of the mark."""


@pytest.fixture
def marked(office: Hall) -> Hall:  # noqa: F811 - a fixture
    """A hall with a number that is withheld of one post, and another post."""
    seal(office.archive, "18", [ROW | {"text": "The culvert, and my number is 630-555-0177."}])
    decide(office, Wanted(RECORD, "7(1)(b)", "a private number", find=PHONE))
    return office


def refused(
    hall: Hall, path: Path, about: str | Scope = EVERYTHING, ways: How | None = None
) -> str:
    """Return the code with which a production is refused, which leaves nothing."""
    with pytest.raises(RefusedError) as error:
        made(hall, path / "vol", about, ways=ways)
    assert not (path / "vol").exists()
    assert not any(PHONE in text for text in (str(error.value), error.value.mend))
    return error.value.code


def test_the_reason_of_any_mark(marked: Hall, tmp_path: Path) -> None:
    """Also one that says what is withheld of another record."""
    decide(marked, Wanted(OTHER, "7(1)(b)", f"the same as {SPELT}", find="630-555-0177"))
    assert refused(marked, tmp_path) == "basis-tells"


@pytest.mark.parametrize(("tag", "code"), [("exempt", "7(1)(c)"), (PRIVILEGED, "attorney-client")])
def test_a_note_on_a_tagged_record(marked: Hall, tmp_path: Path, tag: str, code: str) -> None:
    """What is marked elsewhere, and what the record has that is withheld whole; another mends."""
    name = opened(marked, Scope("culvert"))
    for words in (f"as in the call from {SPELT}", "it has (630) 555-0177"):
        note = Tagged(tag, code, words)
        sealed(marked, matter_acts.tag(marked.archive, name, [OTHER], note), "clerk")
        assert refused(marked, tmp_path, name) == "note-tells"
        back = Tagged(tag, back=True)
        sealed(marked, matter_acts.tag(marked.archive, name, [OTHER], back), "clerk")
    note = Tagged(tag, code, "it is about a child")
    sealed(marked, matter_acts.tag(marked.archive, name, [OTHER], note), "clerk")
    made(marked, tmp_path / "vol", name)
    assert places(tmp_path / "vol", "it is about a child")
    for text in (PHONE, "630-555-0177"):
        assert places(tmp_path / "vol", text) == set()


def test_the_name_of_a_privilege(marked: Hall, tmp_path: Path) -> None:
    """It is free text, and the privilege log prints it."""
    name = opened(marked, Scope("culvert"))
    note = Tagged(PRIVILEGED, f"call of {SPELT}", "for advice")
    sealed(marked, matter_acts.tag(marked.archive, name, [OTHER], note), "clerk")
    assert refused(marked, tmp_path, name) == "note-tells"


def test_names_and_the_profile(marked: Hall, tmp_path: Path) -> None:
    """The name of the matter, and each text of a profile."""
    assert refused(marked, tmp_path, ways=how(name=f"call-{PHONE}")) == "name-tells"
    plain = how().profile
    for changes in ({"legend": f"call {SPELT}"}, {"title": SPELT}, {"sign": f"[{PHONE}]"}):
        ways = how(profile=changed(plain, **changes))
        assert refused(marked, tmp_path, ways=ways) == "profile-tells"


def test_who_is_to_sign(marked: Hall, tmp_path: Path) -> None:
    """The certificate prints what is given of the declarant and the keeper."""
    text = court_text(certificate_texts(), "us-federal")
    who = Declarant("Kim Poe", "Village Clerk", f"answers {SPELT}")
    for asked in (Certifying(text, who, "Westmont"), Certifying(text, _plain(who), SPELT)):
        assert (
            refused(marked, tmp_path, ways=replace(how(), certifying=asked)) == "certificate-tells"
        )


def _plain(who: Declarant) -> Declarant:
    """Return a declarant of whom nothing tells."""
    return Declarant(who.name, who.title, "keeps the records")


def test_a_query_for_what_is_withheld_whole(marked: Hall, tmp_path: Path) -> None:
    """The hit report tells no word of a query that says a number of a record withheld whole."""
    decide(marked, Wanted(OTHER, "7(1)(b)", "a private letter"))
    made(marked, tmp_path / "vol", Scope('culvert OR "630-555-0177"'))
    assert places(tmp_path / "vol", "630-555-0177") == set()
    assert "0177" not in (tmp_path / "vol" / "data" / "HITREPORT.csv").read_text()
